import Crypto
import Files
import FoundationEssentials
import SwiftASN1
import X509

/// The server's own certificate authority and what it signed, kept in the data directory from the first start on.
struct Certificates: Sendable {
  /// A certificate with its private key, both in PEM.
  struct Pair: Sendable {
    var certificate: String
    var key: String
  }

  /// The authority's certificate in PEM: what clients trust, and what client certificates must be signed by.
  var authority: String
  /// Serves 127.0.0.1, localhost and the in-cluster names.
  var server: Pair
  /// The administrator: `CN=kubernetes-admin, O=system:masters`.
  var admin: Pair

  /// Reads the certificates of a data directory; makes what is not there. Each listening address has a server
  /// certificate of its own.
  static func load(from directory: String, listening address: String, addresses: [String]) throws -> Certificates {
    let folder = directory + "/pki"
    try Files.makeFolder(folder, mode: 0o700)
    let authority = try pair("ca", in: folder) { try makeAuthority() }
    let names = [
      "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
    ]
    let served = addresses.contains(address) ? addresses : addresses + [address]
    return Certificates(
      authority: authority.certificate,
      server: try pair("server-\(address)", in: folder) {
        try sign(
          common: "netloom-apiserver", organization: nil, names: names, addresses: served, usage: .serverAuth,
          by: authority)
      },
      admin: try pair("admin", in: folder) {
        try sign(
          common: "kubernetes-admin", organization: "system:masters", names: [], addresses: [], usage: .clientAuth,
          by: authority)
      })
  }

  private static func pair(_ name: String, in folder: String, make: () throws -> Pair) throws -> Pair {
    let (certificatePath, keyPath) = ("\(folder)/\(name).crt", "\(folder)/\(name).key")
    if let certificate = try Files.read(certificatePath), let key = try Files.read(keyPath) {
      return Pair(
        certificate: String(decoding: certificate, as: UTF8.self), key: String(decoding: key, as: UTF8.self))
    }
    let pair = try make()
    try Files.write([UInt8](pair.key.utf8), to: keyPath, mode: 0o600)
    try Files.write([UInt8](pair.certificate.utf8), to: certificatePath, mode: 0o600)
    return pair
  }

  private static func makeAuthority() throws -> Pair {
    let key = P256.Signing.PrivateKey()
    let name = try DistinguishedName { CommonName("netloom-ca") }
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: start, notValidAfter: end,
      issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        Critical(KeyUsage(digitalSignature: true, keyCertSign: true, cRLSign: true))
      }, issuerPrivateKey: .init(key))
    return Pair(certificate: try certificate.serializeAsPEM().pemString, key: key.pemRepresentation)
  }

  private static func sign(
    common: String, organization: String?, names: [String], addresses: [String], usage: ExtendedKeyUsage.Usage,
    by authority: Pair
  ) throws -> Pair {
    let issuer = try Certificate(pemEncoded: authority.certificate)
    let issuerKey = try Certificate.PrivateKey(pemEncoded: authority.key)
    let key = P256.Signing.PrivateKey()
    let subject = try DistinguishedName {
      if let organization { OrganizationName(organization) }
      CommonName(common)
    }
    let alternatives = names.map { GeneralName.dnsName($0) } + addresses.compactMap(ipName)
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: start, notValidAfter: end,
      issuer: issuer.subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([usage])
        if !alternatives.isEmpty { SubjectAlternativeNames(alternatives) }
      }, issuerPrivateKey: issuerKey)
    return Pair(certificate: try certificate.serializeAsPEM().pemString, key: key.pemRepresentation)
  }

  // Clocks of test machines jump; ten years around the day of making are certain to be valid.
  private static var start: Date { Date() - 86_400 }
  private static var end: Date { Date() + 10 * 365 * 86_400 }

  private static func ipName(_ address: String) -> GeneralName? {
    let parts = address.split(separator: ".").compactMap { UInt8($0) }
    if parts.count == 4 { return .ipAddress(ASN1OctetString(contentBytes: parts[...])) }
    if address == "::1" {
      return .ipAddress(ASN1OctetString(contentBytes: ([UInt8](repeating: 0, count: 15) + [1])[...]))
    }
    return nil
  }
}
