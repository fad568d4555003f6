import Callbacks
import Compiler
import JSON
import KubernetesEngine
import KubernetesModel
import NetloomAPI

/// An object that has a callback: this one, not another of the same name.
struct CallbackSubject: Hashable, Sendable {
  /// Annotation with the token of the state that was delivered last.
  static let annotation = "netloom.dev/callback-state"

  var id: WorldID
  var uid: String?
}

extension CallbackSubject {
  /// As a text.
  var text: String { "\(id.kind.name) \(id.name) \(uid ?? "")" }

  /// Reads ``text``.
  init?(_ text: String) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 3, let kind = WorldID.Kind.allCases.first(where: { $0.name == parts[0] }) else { return nil }
    self.init(id: WorldID(kind, NamespacedName(reference: String(parts[1]), from: nil)), uid: String(parts[2]))
  }
}

extension CallbackState {
  /// The state of an object, or the one in which it goes: its last one with phase `deleted`. Nil when it has no callback
  /// or no state yet.
  init?(of object: WorldObject, isLast: Bool) throws {
    guard let resource = object.resource, let url = resource.callbackURL else { return nil }
    try self.init(resource, url: url, phase: isLast ? .deleted : resource.status?.phase)
  }

  private init?(_ resource: some NetloomResource, url: String, phase: Phase?) throws {
    guard let phase else { return nil }
    var json = try resource.json()
    json[path: "status", "phase"] = .string(phase.rawValue)
    json[path: "metadata", "annotations", CallbackSubject.annotation] = nil
    var token = "\(phase.rawValue)/\(resource.status?.observedGeneration ?? 0)"
    if phase == .error { token += "/\(resource.status?.conditions?[type: ConditionType.ready]?.reason ?? "")" }
    if phase == .ready { token += (resource.status?.whereabouts ?? []).map { "/\($0)" }.joined() }
    self.init(url: url, token: token, body: json.serialized())
  }
}
