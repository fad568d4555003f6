import JSON

/// Finds what is wrong with an expression before it runs: unknown variables, fields and functions, operands that never fit.
struct CELChecker {
  private var variables: [String: CELType]

  init(variables: [String: CELType]) { self.variables = variables }

  /// The type of the expression.
  func type(of expression: CELExpression) throws(CELError) -> CELType {
    switch expression {
    case .literal(let value): return Self.literalType(value)
    case .identifier(let name):
      guard let type = variables[name] else {
        throw CELError(message: "undeclared reference to '\(name)' (in container '')")
      }
      return try supported(type)
    case .select(let operand, let field):
      return try supported(try fieldType(field, of: try type(of: operand)))
    case .has(let operand, let field):
      _ = try fieldType(field, of: try type(of: operand))
      return .bool
    case .index(let operand, let index):
      let indexType = try type(of: index)
      switch (try type(of: operand), indexType) {
      case (.dynamic, _): return .dynamic
      case (.list(let element), .int), (.list(let element), .dynamic): return try supported(element)
      case (.map(let element), .string), (.map(let element), .dynamic): return try supported(element)
      case (let type, _): throw noOverload("_[_]", [type, indexType])
      }
    case .list(let elements):
      var types: [CELType] = []
      for element in elements { types.append(try type(of: element)) }
      let names = Set(types.map(\.name))
      return .list(names.count == 1 ? types[0] : .dynamic)
    case .map(let entries):
      for entry in entries { _ = try type(of: entry.value) }
      return .map(.dynamic)
    case .call(let name, let target, let arguments):
      var types: [CELType] = []
      for argument in (target.map { [$0] } ?? []) + arguments { types.append(try type(of: argument)) }
      return try callType(name, isMethod: target != nil, types)
    case .comprehension(let macro, let range, let variable, let body):
      return try comprehensionType(macro, range, variable, body)
    }
  }

  private static func literalType(_ value: JSONValue) -> CELType {
    switch value {
    case .bool: .bool
    case .integer: .int
    case .number: .double
    case .string: .string
    default: .null
    }
  }

  private func supported(_ type: CELType) throws(CELError) -> CELType {
    if case .unsupported(let what) = type {
      throw CELError(message: "values that are \(what) are not supported in rules by this server")
    }
    return type
  }

  private func fieldType(_ field: String, of type: CELType) throws(CELError) -> CELType {
    let name = CELFieldName.unescaped(field)
    switch type {
    case .dynamic: return .dynamic
    case .map(let element): return element
    case .object(let schema):
      guard let property = schema[path: "properties", name] else {
        throw CELError(message: "undefined field '\(field)'")
      }
      return CELType(schema: property)
    default: throw CELError(message: "type '\(type.name)' does not support field selection")
    }
  }

  private func comprehensionType(
    _ macro: String, _ range: CELExpression, _ variable: String, _ body: [CELExpression]
  ) throws(CELError) -> CELType {
    var inner = self
    let element: CELType
    switch try type(of: range) {
    case .list(let type): element = type
    case .map: element = .string
    case .dynamic: element = .dynamic
    case .object: element = .string
    case let type:
      throw CELError(
        message: "expression of type '\(type.name)' cannot be range of a comprehension (must be list, map, or dynamic)")
    }
    inner.variables[variable] = element
    var types: [CELType] = []
    for expression in body { types.append(try inner.type(of: expression)) }
    if macro != "map" || body.count == 2 {
      switch types[0] {
      case .bool, .dynamic: break
      default: throw noOverload(macro == "all" ? "_&&_" : "_||_", [.bool, types[0]])
      }
    }
    return switch macro {
    case "map": .list(types[types.count - 1])
    case "filter": .list(element)
    default: .bool
    }
  }

  private func noOverload(_ name: String, _ types: [CELType]) -> CELError {
    CELError(
      message: "found no matching overload for '\(name)' applied to '(\(types.map(\.name).joined(separator: ", ")))'")
  }

  private func callType(_ name: String, isMethod: Bool, _ types: [CELType]) throws(CELError) -> CELType {
    func fits(_ type: CELType, _ name: String) -> Bool { type.isDynamic || type.name == name }
    switch name {
    case "_&&_", "_||_":
      guard types.allSatisfy({ fits($0, "bool") }) else { throw noOverload(name, types) }
      return .bool
    case "!_":
      guard fits(types[0], "bool") else { throw noOverload(name, types) }
      return .bool
    case "-_":
      guard types[0].isDynamic || types[0].isNumber else { throw noOverload(name, types) }
      return types[0]
    case "_?_:_":
      guard fits(types[0], "bool") else { throw noOverload(name, types) }
      return types[1].name == types[2].name ? types[1] : .dynamic
    case "_==_", "_!=_":
      guard Self.areComparable(types[0], types[1]) else { throw noOverload(name, types) }
      return .bool
    case "_<_", "_<=_", "_>_", "_>=_":
      let comparable =
        types.allSatisfy { $0.isDynamic || $0.isNumber } || types.allSatisfy { fits($0, "string") }
        || types.allSatisfy { fits($0, "bool") }
      guard comparable else { throw noOverload(name, types) }
      return .bool
    case "@in":
      switch types[1] {
      case .list(let element):
        guard Self.areComparable(types[0], element) else { throw noOverload(name, types) }
      case .map, .object:
        guard fits(types[0], "string") else { throw noOverload(name, types) }
      case .dynamic: break
      default: throw noOverload(name, types)
      }
      return .bool
    case "_+_":
      if types.contains(where: \.isDynamic) { return .dynamic }
      if case .list = types[0], case .list = types[1] { return types[0] }
      guard types[0].name == types[1].name, types[0].isNumber || types[0].name == "string" else {
        throw noOverload(name, types)
      }
      return types[0]
    case "_-_", "_*_", "_/_", "_%_":
      if types.contains(where: \.isDynamic) { return .dynamic }
      guard types[0].name == types[1].name, types[0].isNumber, name != "_%_" || types[0].name == "int" else {
        throw noOverload(name, types)
      }
      return types[0]
    default: return try functionType(name, isMethod: isMethod, types)
    }
  }

  private static func areComparable(_ left: CELType, _ right: CELType) -> Bool {
    switch (left, right) {
    case (.dynamic, _), (_, .dynamic), (.null, _), (_, .null): true
    case (.list(let left), .list(let right)), (.map(let left), .map(let right)): areComparable(left, right)
    case (.object, .object), (.object, .map), (.map, .object): true
    default: left.name == right.name
    }
  }

  private func functionType(_ name: String, isMethod: Bool, _ types: [CELType]) throws(CELError) -> CELType {
    let overloads = CELFunctions.table.filter { $0.name == name && $0.isMethod == isMethod }
    guard !overloads.isEmpty else { throw CELError(message: "undeclared reference to '\(name)' (in container '')") }
    for overload in overloads where overload.parameters.count == types.count {
      guard zip(types, overload.parameters).allSatisfy({ $0.isDynamic || $1($0) }) else { continue }
      return overload.result(types)
    }
    throw noOverload(name, types)
  }
}
