import APIMachinery
import JSON

extension Authenticator {
  /// The ServiceAccount that a token speaks for, nil when it was deleted meanwhile.
  func identity(of claims: TokenSigner.Claims, store: Store) async throws -> Identity? {
    let key = StoreKey(resource: "serviceaccounts", namespace: claims.namespace, name: claims.name)
    guard let account = try store.get(key),
      try JSONValue(parsing: account.value)[path: "metadata", "uid"]?.string == claims.uid
    else { return nil }
    return Identity(
      user: "system:serviceaccount:\(claims.namespace):\(claims.name)", uid: claims.uid,
      groups: ["system:authenticated", "system:serviceaccounts", "system:serviceaccounts:\(claims.namespace)"])
  }

  /// POST of serviceaccounts/NAME/token: a token for the ServiceAccount, for an hour or as long as asked.
  func requestToken(for account: StoredObject, request: JSONValue) throws -> JSONValue {
    let seconds = request[path: "spec", "expirationSeconds"]?.integer ?? 3600
    if seconds < 600 {
      let error = FieldError.invalid(
        "spec.expirationSeconds", .integer(seconds), "may not specify a duration less than 10 minutes")
      throw StatusError.invalid(ResourceName(group: "authentication.k8s.io", name: "TokenRequest"), name: "", [error])
    }
    let now = Chance.seconds()
    let uid = try JSONValue(parsing: account.value)[path: "metadata", "uid"]?.string ?? ""
    let token = try signer.sign(
      .init(namespace: account.key.namespace, name: account.key.name, uid: uid, expires: now + seconds), now: now)
    return [
      "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
      "metadata": [
        "name": .string(account.key.name), "namespace": .string(account.key.namespace),
        "creationTimestamp": .string(Timestamp.format(secondsSince1970: now)),
      ],
      "spec": [
        "audiences": ["https://kubernetes.default.svc.cluster.local"], "expirationSeconds": .integer(seconds),
        "boundObjectRef": .null,
      ],
      "status": [
        "token": .string(token), "expirationTimestamp": .string(Timestamp.format(secondsSince1970: now + seconds)),
      ],
    ]
  }
}
