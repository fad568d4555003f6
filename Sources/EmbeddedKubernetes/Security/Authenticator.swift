import Files
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// Who sent a request.
struct Identity: Sendable, Hashable {
  var user: String
  var uid: String
  var groups: [String]
}

/// Finds out who sends a request: the subject of a client certificate that our authority signed, or the owner of a token.
///
/// Fixed tokens stand in `tokens.csv` of the data directory, one a line: `token,user,uid,"group1,group2"`, as in Kubernetes'
/// static token file. The file is read again when it changes.
final class Authenticator: Sendable {
  private struct State {
    var tokens: [String: Identity] = [:]
    var readAt: Int64?
    var certificates: [[UInt8]: Identity] = [:]
  }

  private let tokensPath: String
  private let state = Mutex(State())
  let signer: TokenSigner

  init(dataDirectory: String) throws {
    tokensPath = dataDirectory + "/tokens.csv"
    signer = try TokenSigner(directory: dataDirectory + "/pki")
  }

  /// The sender by its certificate, which the TLS layer has verified; nil when there is none that can be read.
  func identity(of certificate: NIOSSLCertificate) throws -> Identity {
    let der = try certificate.toDERBytes()
    if let known = state.withLock({ $0.certificates[der] }) { return known }
    let subject = try Certificate(derEncoded: der).subject
    var identity = Identity(user: "", uid: "", groups: ["system:authenticated"])
    for part in subject {
      for attribute in part {
        if attribute.type == .RDNAttributeType.commonName { identity.user = attribute.value.description }
        if attribute.type == .RDNAttributeType.organizationName { identity.groups.append(attribute.value.description) }
      }
    }
    state.withLock { state in
      // A bounded memory of who came: certificates are few, but a hostile client must not fill it.
      if state.certificates.count >= 256 { state.certificates = [:] }
      state.certificates[der] = identity
    }
    return identity
  }

  /// The owner of a bearer token, nil when nobody has it.
  func identity(ofToken token: String, store: Store) async throws -> Identity? {
    if let claims = signer.verify(token, now: Chance.seconds()) { return try await identity(of: claims, store: store) }
    let changed = Files.modificationTime(tokensPath)
    if changed != state.withLock({ $0.readAt }) {
      let tokens = try Files.read(tokensPath).map { Self.parse(String(decoding: $0, as: UTF8.self)) } ?? [:]
      state.withLock { ($0.tokens, $0.readAt) = (tokens, changed) }
    }
    return state.withLock { $0.tokens[token] }
  }

  static func parse(_ text: String) -> [String: Identity] {
    var tokens: [String: Identity] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: ",", maxSplits: 3, omittingEmptySubsequences: false).map {
        $0.drop(while: \.isWhitespace)
      }
      guard fields.count >= 3, !fields[0].isEmpty, !fields[1].isEmpty else { continue }
      let groups = fields.count > 3 ? fields[3].filter { $0 != "\"" }.split(separator: ",").map(String.init) : []
      tokens[String(fields[0])] = Identity(
        user: String(fields[1]), uid: String(fields[2]), groups: groups + ["system:authenticated"])
    }
    return tokens
  }
}
