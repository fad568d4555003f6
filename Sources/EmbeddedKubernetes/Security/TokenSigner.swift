import Crypto
import Files
import FoundationEssentials
import JSON

/// Signs and checks the tokens of ServiceAccounts: JSON Web Tokens (RFC 7519) with ES256.
struct TokenSigner: Sendable {
  /// What a token says.
  struct Claims: Sendable, Hashable {
    var namespace: String
    var name: String
    var uid: String
    /// In seconds since 1970.
    var expires: Int64
  }

  private let key: P256.Signing.PrivateKey

  /// Reads the signing key of a directory, makes it when it is not there.
  init(directory: String) throws {
    let path = directory + "/sa.key"
    if let pem = try Files.read(path) {
      key = try P256.Signing.PrivateKey(pemRepresentation: String(decoding: pem, as: UTF8.self))
    } else {
      key = P256.Signing.PrivateKey()
      try Files.write([UInt8](key.pemRepresentation.utf8), to: path, mode: 0o600)
    }
  }

  func sign(_ claims: Claims, now: Int64) throws -> String {
    let header: JSONValue = ["alg": "ES256", "typ": "JWT"]
    let body: JSONValue = [
      "iss": "https://kubernetes.default.svc.cluster.local", "iat": .integer(now), "nbf": .integer(now),
      "exp": .integer(claims.expires), "sub": .string("system:serviceaccount:\(claims.namespace):\(claims.name)"),
      "kubernetes.io": [
        "namespace": .string(claims.namespace),
        "serviceaccount": ["name": .string(claims.name), "uid": .string(claims.uid)],
      ],
    ]
    let signed = Self.encode(Data(header.serialized())) + "." + Self.encode(Data(body.serialized()))
    return signed + "." + Self.encode(try key.signature(for: Data(signed.utf8)).rawRepresentation)
  }

  /// The claims of a token that this key signed and that is in force; nil otherwise.
  func verify(_ token: String, now: Int64) -> Claims? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let body = Self.decode(parts[1]), let raw = Self.decode(parts[2]) else { return nil }
    guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: raw),
      key.publicKey.isValidSignature(signature, for: Data((parts[0] + "." + parts[1]).utf8)),
      let claims = try? JSONValue(parsing: [UInt8](body)),
      let expires = claims["exp"]?.integer, expires > now,
      let account = claims["kubernetes.io"],
      let namespace = account["namespace"]?.string,
      let name = account[path: "serviceaccount", "name"]?.string,
      let uid = account[path: "serviceaccount", "uid"]?.string
    else { return nil }
    return Claims(namespace: namespace, name: name, uid: uid, expires: expires)
  }

  private static func encode(_ data: Data) -> String {
    data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  private static func decode(_ text: Substring) -> Data? {
    let standard = text.replacing("-", with: "+").replacing("_", with: "/")
    return Data(base64Encoded: standard + String(repeating: "=", count: (4 - standard.count % 4) % 4))
  }
}
