import JSON

/// Checks of names, labels and keys, each answering the messages of Kubernetes' `validation` package; none when all is well.
enum Names {
  static func dns1123Label(_ text: String) -> [String] {
    var errors = lengthError(text, 63)
    if !isLabel(text[...], firstMayBeDigit: true) {
      errors.append(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
          + "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
          + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')")
    }
    return errors
  }

  static func dns1123Subdomain(_ text: String) -> [String] {
    var errors = lengthError(text, 253)
    if !text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ isLabel($0, firstMayBeDigit: true) })
    {
      errors.append(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
          + "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
          + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")
    }
    return errors
  }

  static func dns1035Label(_ text: String) -> [String] {
    var errors = lengthError(text, 63)
    if !isLabel(text[...], firstMayBeDigit: false) {
      errors.append(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
          + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
          + "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')")
    }
    return errors
  }

  /// `[prefix/]name` of labels, annotations and finalizers.
  static func qualifiedName(_ text: String) -> [String] {
    let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count <= 2 else {
      return [
        "a valid qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
          + "an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
          + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' "
          + "(e.g. 'example.com/MyName')"
      ]
    }
    var errors: [String] = []
    if parts.count == 2 {
      if parts[0].isEmpty {
        errors.append("prefix part must be non-empty")
      } else {
        errors += dns1123Subdomain(String(parts[0])).map { "prefix part \($0)" }
      }
    }
    let name = parts[parts.count - 1]
    if name.isEmpty {
      errors.append("name part must be non-empty")
    } else if name.utf8.count > 63 {
      errors.append("name part must be no more than 63 bytes")
    }
    if !isQualified(name) {
      errors.append(
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
          + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
          + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")
    }
    return errors
  }

  static func labelValue(_ text: String) -> [String] {
    var errors = lengthError(text, 63)
    if !text.isEmpty, !isQualified(text[...]) {
      errors.append(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
          + "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
          + "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")
    }
    return errors
  }

  /// A key of a ConfigMap or Secret.
  static func configMapKey(_ text: String) -> [String] {
    var errors = lengthError(text, 253)
    if text.isEmpty || !text.utf8.allSatisfy({ isAlphanumeric($0) || $0 == dash || $0 == underscore || $0 == dot }) {
      errors.append(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
          + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")
    }
    if text == "." || text == ".." {
      errors.append("must not be '\(text)'")
    } else if text.hasPrefix("..") {
      errors.append("must not start with '..'")
    }
    return errors
  }

  /// An environment variable's name.
  static func environmentVariable(_ text: String) -> [String] {
    guard text.isEmpty || !text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }) else {
      return []
    }
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
  }

  private static let dash = UInt8(ascii: "-")
  private static let underscore = UInt8(ascii: "_")
  private static let dot = UInt8(ascii: ".")

  private static func lengthError(_ text: String, _ limit: Int) -> [String] {
    text.utf8.count > limit ? ["must be no more than \(limit) bytes"] : []
  }

  private static func isLabel(_ text: Substring, firstMayBeDigit: Bool) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, let last = bytes.last else { return false }
    guard isLower(first) || (firstMayBeDigit && isDigit(first)), isLower(last) || isDigit(last) else { return false }
    return bytes.allSatisfy { isLower($0) || isDigit($0) || $0 == dash }
  }

  private static func isQualified(_ text: Substring) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, let last = bytes.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || $0 == dash || $0 == underscore || $0 == dot }
  }

  private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLower(byte) || isDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}

/// The suffix that completes `metadata.generateName`.
public enum NameSuffix {
  /// Five letters and digits that form no words; `random(n)` gives a number in 0..<n.
  public static func make(random: (Int) -> Int) -> String {
    let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
    return String((0..<5).map { _ in alphabet[random(alphabet.count)] })
  }

  /// `base` cut so that base and suffix fit a name of 63 bytes, and the suffix.
  static func name(base: String, suffix: String) -> String { base.prefix(58) + suffix }
}
