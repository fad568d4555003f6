import JSON

/// `%q` of Go's fmt.
func goQuoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\u{07}": result += "\\a"
    case "\u{08}": result += "\\b"
    case "\u{0C}": result += "\\f"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case "\u{0B}": result += "\\v"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += "\\x" + hexadecimal(scalar.value, width: 2)
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

/// A value as `field.Error` prints it: texts quoted, the rest as JSON.
func goValue(_ value: JSONValue) -> String {
  if case .string(let text) = value { return goQuoted(text) }
  return value.description
}

/// JSON as Go's encoding/json writes it: `<`, `>` and `&` escaped.
func goJSON(_ value: JSONValue) -> String {
  value.description.replacing("<", with: "\\u003c").replacing(">", with: "\\u003e").replacing("&", with: "\\u0026")
}

/// A JSON object in which the keys keep the order given (Go structs print their fields in declaration order).
func orderedJSON(_ value: JSONValue, keys: [String]) -> String {
  guard case .object(let members) = value else { return value.description }
  let known = keys.filter { members[$0] != nil }
  let others = members.keys.filter { !keys.contains($0) }.sorted()
  let fields = (known + others).map { "\(JSONValue.string($0).description):\(members[$0]!.description)" }
  return "{\(fields.joined(separator: ","))}"
}

func hexadecimal(_ value: some FixedWidthInteger, width: Int) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// 32 hexadecimal digits that change with the text (FNV-1a, 128 bits).
func fingerprint(_ text: String) -> String {
  let basis: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
  let hash = text.utf8.reduce(basis) { ($0 ^ UInt128($1)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
  return hexadecimal(hash, width: 32)
}
