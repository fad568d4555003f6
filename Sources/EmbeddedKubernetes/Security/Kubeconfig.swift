import FoundationEssentials
import JSON

/// The kubeconfig file that lets kubectl in as the administrator.
enum Kubeconfig {
  /// The file's text: JSON, which every YAML reader takes, with all certificates inside.
  static func text(server: String, certificates: Certificates) -> [UInt8] {
    func base64(_ text: String) -> JSONValue { .string(Data(text.utf8).base64EncodedString()) }
    let value: JSONValue = [
      "apiVersion": "v1",
      "kind": "Config",
      "current-context": "netloom",
      "preferences": [:],
      "clusters": [
        [
          "name": "netloom",
          "cluster": ["server": .string(server), "certificate-authority-data": base64(certificates.authority)],
        ]
      ],
      "contexts": [["name": "netloom", "context": ["cluster": "netloom", "user": "admin"]]],
      "users": [
        [
          "name": "admin",
          "user": [
            "client-certificate-data": base64(certificates.admin.certificate),
            "client-key-data": base64(certificates.admin.key),
          ],
        ]
      ],
    ]
    return value.serialized(.pretty) + [UInt8(ascii: "\n")]
  }
}
