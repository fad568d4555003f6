public import Compiler
public import KubernetesModel
import NetloomAPI

extension WorldObject {
  /// The standard metadata; nil for kinds of which only a part is kept.
  public var metadata: ObjectMeta? {
    switch self {
    case .connectionPoint(let object): object.metadata
    case .fabric(let object): object.metadata
    case .bridgeDomain(let object): object.metadata
    case .service(let object): object.metadata
    case .subnet(let object): object.metadata
    case .attachment(let object): object.metadata
    case .nodeNetwork(let object): object.metadata
    case .definition(let object): object.metadata
    case .claim(let object): object.metadata
    case .router(let object): object.metadata
    case .networkPort(let object): object.metadata
    case .serviceChain(let object): object.metadata
    case .trafficMirror(let object): object.metadata
    case .policy(let object): object.metadata
    case .node, .namespace, .pod, .switches: nil
    }
  }

  /// A kind of ours; nil for those of others.
  public var resource: (any NetloomResource)? {
    switch self {
    case .connectionPoint(let object): object
    case .fabric(let object): object
    case .bridgeDomain(let object): object
    case .service(let object): object
    case .subnet(let object): object
    case .attachment(let object): object
    case .nodeNetwork(let object): object
    case .router(let object): object
    case .networkPort(let object): object
    case .serviceChain(let object): object
    case .trafficMirror(let object): object
    case .definition, .node, .namespace, .pod, .claim, .policy, .switches: nil
    }
  }
}
