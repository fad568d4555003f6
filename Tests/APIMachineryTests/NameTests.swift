import Testing

@testable import APIMachinery

@Suite struct NameTests {
  @Test(arguments: ["a", "a-b", "0a", "a0"]) func labels(name: String) { #expect(Names.dns1123Label(name).isEmpty) }

  @Test(arguments: ["", "A", "-a", "a-", "a.b", "a_b", String(repeating: "a", count: 64)])
  func badLabels(name: String) { #expect(!Names.dns1123Label(name).isEmpty) }

  @Test(arguments: ["a.b/c", "C", "a_b.c-d", "example.com/x_y"]) func qualifiedNames(name: String) {
    #expect(Names.qualifiedName(name).isEmpty)
  }

  @Test(arguments: ["", "/a", "a/", "a/b/c", "bad key", "-a", "A.b/c"]) func badQualifiedNames(name: String) {
    #expect(!Names.qualifiedName(name).isEmpty)
  }
}
