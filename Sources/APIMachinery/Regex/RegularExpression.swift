/// A regular expression of RE2's syntax (the one that JSON Schema patterns in CustomResourceDefinitions have), matched in
/// time linear in the text.
///
/// Supports alternation, groups (also named and non-capturing), classes with ranges, negation and `[:alpha:]` names,
/// `\d \w \s` and their negations, `. ^ $ \b \B \A \z`, greedy and lazy `* + ? {n,m}`, and the flags i, s, m, U. Captures are not reported.
struct RegularExpression: Sendable {
  let pattern: String
  private let program: [Instruction]

  indirect enum Node {
    case empty
    case set(ScalarSet)
    case assertion(Assertion)
    case sequence([Node])
    case alternatives([Node])
    case repeated(Node, Int, Int?)
  }

  enum Assertion: Sendable { case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary }

  enum Instruction: Sendable {
    case set(ScalarSet)
    case assertion(Assertion)
    case split(Int, Int)
    case jump(Int)
    case match
  }

  struct SyntaxError: Error { var message: String }

  /// Compiles a pattern; the error has the words of Go's regexp/syntax.
  init(_ pattern: String) throws(SyntaxError) {
    self.pattern = pattern
    var parser = RegularExpressionParser(pattern)
    let node = try parser.parse()
    var program: [Instruction] = []
    try Self.emit(node, into: &program)
    program.append(.match)
    self.program = program
  }

  private static func emit(_ node: Node, into program: inout [Instruction]) throws(SyntaxError) {
    guard program.count < 20_000 else { throw SyntaxError(message: "expression nests too deeply") }
    switch node {
    case .empty: break
    case .set(let set): program.append(.set(set))
    case .assertion(let assertion): program.append(.assertion(assertion))
    case .sequence(let nodes): for node in nodes { try emit(node, into: &program) }
    case .alternatives(let nodes):
      var jumps: [Int] = []
      for node in nodes.dropLast() {
        let split = program.count
        program.append(.split(split + 1, 0))
        try emit(node, into: &program)
        jumps.append(program.count)
        program.append(.jump(0))
        program[split] = .split(split + 1, program.count)
      }
      if let last = nodes.last { try emit(last, into: &program) }
      for jump in jumps { program[jump] = .jump(program.count) }
    case .repeated(let node, let least, let most):
      for _ in 0..<least { try emit(node, into: &program) }
      guard let most else {
        let split = program.count
        program.append(.split(split + 1, 0))
        try emit(node, into: &program)
        program.append(.jump(split))
        program[split] = .split(split + 1, program.count)
        return
      }
      var splits: [Int] = []
      for _ in least..<max(least, most) {
        splits.append(program.count)
        program.append(.split(program.count + 1, 0))
        try emit(node, into: &program)
      }
      for split in splits { program[split] = .split(split + 1, program.count) }
    }
  }

  /// Whether the expression matches anywhere in the text.
  func matches(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    var current = StateSet(capacity: program.count)
    var next = StateSet(capacity: program.count)
    for position in 0...scalars.count {
      if add(0, at: position, of: scalars, to: &current) { return true }
      guard position < scalars.count else { return false }
      for state in current.states {
        guard case .set(let set) = program[state], set.contains(scalars[position]) else { continue }
        if add(state + 1, at: position + 1, of: scalars, to: &next) { return true }
      }
      swap(&current, &next)
      next.removeAll()
    }
    return false
  }

  /// Adds a state and those reached from it without reading; true when the match is one of them.
  private func add(_ start: Int, at position: Int, of scalars: [Unicode.Scalar], to set: inout StateSet) -> Bool {
    var pending = [start]
    while let state = pending.popLast() {
      guard set.insert(state) else { continue }
      switch program[state] {
      case .match: return true
      case .set: break
      case .jump(let target): pending.append(target)
      case .split(let first, let second): pending += [second, first]
      case .assertion(let assertion):
        if Self.holds(assertion, at: position, of: scalars) { pending.append(state + 1) }
      }
    }
    return false
  }

  private static func holds(_ assertion: Assertion, at position: Int, of scalars: [Unicode.Scalar]) -> Bool {
    func isWord(_ index: Int) -> Bool { scalars.indices.contains(index) && ScalarSet.word.contains(scalars[index]) }
    return switch assertion {
    case .textStart: position == 0
    case .textEnd: position == scalars.count
    case .lineStart: position == 0 || scalars[position - 1] == "\n"
    case .lineEnd: position == scalars.count || scalars[position] == "\n"
    case .wordBoundary: isWord(position - 1) != isWord(position)
    case .noWordBoundary: isWord(position - 1) == isWord(position)
    }
  }

  private struct StateSet {
    private(set) var states: [Int] = []
    private var isMember: [Bool]

    init(capacity: Int) { isMember = Array(repeating: false, count: capacity + 1) }

    mutating func insert(_ state: Int) -> Bool {
      guard !isMember[state] else { return false }
      isMember[state] = true
      states.append(state)
      return true
    }

    mutating func removeAll() {
      for state in states { isMember[state] = false }
      states.removeAll(keepingCapacity: true)
    }
  }
}

/// A set of Unicode scalars.
struct ScalarSet: Sendable, Hashable {
  var ranges: [ClosedRange<UInt32>]
  var isNegated = false

  func contains(_ scalar: Unicode.Scalar) -> Bool { ranges.contains { $0.contains(scalar.value) } != isNegated }

  static let digits = ScalarSet(ranges: [48...57])
  static let word = ScalarSet(ranges: [48...57, 65...90, 95...95, 97...122])
  static let space = ScalarSet(ranges: [9...10, 12...13, 32...32])
  static let anything = ScalarSet(ranges: [], isNegated: true)
  static let anythingButNewline = ScalarSet(ranges: [10...10], isNegated: true)

  var negated: ScalarSet { ScalarSet(ranges: ranges, isNegated: !isNegated) }

  /// The ranges without negation.
  var plainRanges: [ClosedRange<UInt32>] {
    guard isNegated else { return ranges }
    var result: [ClosedRange<UInt32>] = []
    var start: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > start { result.append(start...(range.lowerBound - 1)) }
      start = max(start, range.upperBound + 1)
    }
    return start <= 0x10FFFF ? result + [start...0x10FFFF] : result
  }

  /// The set with both cases of its ASCII letters.
  var ignoringCase: ScalarSet {
    var result = self
    for range in ranges {
      for (from, to) in [(65...90 as ClosedRange<UInt32>, 32 as Int64), (97...122, -32)] where range.overlaps(from) {
        let part = range.clamped(to: from)
        result.ranges.append(UInt32(Int64(part.lowerBound) + to)...UInt32(Int64(part.upperBound) + to))
      }
    }
    return result
  }
}
