import APIMachinery
import JSON

extension Registry {
  /// POST of pods/NAME/binding: gives a Pod its node, once.
  func bind(_ target: Target, binding: JSONValue, dryRun: Bool) async throws -> Answer {
    let node = binding[path: "target", "name"]?.string ?? ""
    let kind = binding[path: "target", "kind"]?.string ?? ""
    while true {
      let stored = try await require(target)
      if node.isEmpty { throw StatusError.internalFailure("target.name: Required value") }
      if !kind.isEmpty && kind != "Node" {
        throw StatusError.internalFailure(
          "target.kind: Unsupported value: \"\(kind)\": supported values: \"Node\", \"<empty>\"")
      }
      var pod = try target.served.represent(stored)
      let name = stored.key.name
      let resource = ResourceName(group: "", name: "pods/binding")
      if let taken = pod[path: "spec", "nodeName"]?.string, !taken.isEmpty {
        throw StatusError.conflict(resource, name: name, "pod \(name) is already assigned to node \"\(taken)\"")
      }
      if pod[path: "metadata", "deletionTimestamp"]?.string != nil {
        throw StatusError.conflict(resource, name: name, "pod \(name) is being deleted, cannot be assigned to a host")
      }
      pod[path: "spec", "nodeName"] = .string(node)
      for (key, value) in binding[path: "metadata", "annotations"]?.object ?? [:] {
        pod[path: "metadata", "annotations", key] = value
      }
      var conditions = pod[path: "status", "conditions"]?.array ?? []
      conditions.removeAll { $0["type"] == "PodScheduled" }
      conditions.append([
        "type": "PodScheduled", "status": "True", "lastProbeTime": .null, "lastTransitionTime": .string(Chance.now()),
      ])
      pod[path: "status", "conditions"] = .array(conditions)
      let success: JSONValue = [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201,
      ]
      if dryRun { return Answer(status: 201, content: .plain(success)) }
      do {
        _ = try await store.commit(
          Mutation(
            key: stored.key, effect: .replace(old: stored), schema: target.served.schema,
            value: target.served.stored(pod)))
        return Answer(status: 201, content: .plain(success))
      } catch StoreError.changed, StoreError.absent {
        continue
      }
    }
  }
}
