import APIMachinery
import Glibc

/// Where the server's times, uids and random names come from.
enum Chance {
  /// The wall clock in whole seconds.
  static func seconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec)
  }

  /// Now, as `creationTimestamp` writes it.
  static func now() -> String { Timestamp.format(secondsSince1970: seconds()) }

  /// A random UUID (RFC 9562, version 4) in lower case.
  static func uid() -> String {
    var bits = UInt128.random(in: .min ... .max)
    bits = bits & ~(UInt128(0xF) << 76) | (UInt128(4) << 76)
    bits = bits & ~(UInt128(3) << 62) | (UInt128(2) << 62)
    var text = ""
    for digit in 0..<32 {
      if [8, 12, 16, 20].contains(digit) { text.append("-") }
      text += String(UInt8(truncatingIfNeeded: bits >> UInt128((31 - digit) * 4)) & 15, radix: 16)
    }
    return text
  }

  /// Five random letters for `generateName`.
  static func suffix() -> String { NameSuffix.make(random: { Int.random(in: 0..<$0) }) }

  static func context(namespace: String?, name: String?, isPatch: Bool = false) -> RequestContext {
    RequestContext(
      namespace: namespace, name: name, now: now(), uid: uid(), nameSuffix: suffix(), isPatch: isPatch)
  }
}
