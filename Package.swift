// swift-tools-version: 6.2
import PackageDescription

// The levels of docs/architecture.md, lowest first. `scripts/check-levels` fails when a target imports upward, or a
// sibling that the map does not name.

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let deques = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heaps = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "netloom",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "netloom", targets: ["netloom"]),
    .executable(name: "netloom-cni", targets: ["netloom-cni"]),
    // For Benchmarks/, which is a package of its own.
    .library(
      name: "NetloomKit",
      targets: [
        "CNI", "Compiler", "IPAM", "JSON", "KubernetesClient", "KubernetesModel", "Lab", "Netlink", "NetloomAPI",
        "NetworkAnnotations", "NetworkTypes", "OVNEngine", "OVNModel", "OVSDB",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Values
    .target(name: "JSON"),
    .target(name: "NetworkTypes"),
    .target(name: "Files"),
    .target(name: "YAML", dependencies: ["JSON", yams]),

    // Protocols
    .target(name: "KubernetesModel", dependencies: ["JSON"]),
    .target(
      name: "KubernetesClient",
      dependencies: ["KubernetesModel", "JSON", httpClient, nioCore, nioPosix, nioHTTP1, nioSSL, logging, yams]),
    .target(
      name: "ControllerRuntime",
      dependencies: ["KubernetesClient", "KubernetesModel", "JSON", logging, metrics, lifecycle, deques, heaps]),
    .target(name: "APIMachinery", dependencies: ["JSON"]),
    .target(name: "OVSDB", dependencies: ["JSON", nioCore, nioPosix, nioSSL, logging, lifecycle]),
    .target(name: "CNetlink"),
    .target(name: "Netlink", dependencies: ["CNetlink", "NetworkTypes"]),
    .target(name: "CNI", dependencies: ["Files", "JSON", "NetworkTypes"]),
    .target(name: "OpenFlow", dependencies: ["NetworkTypes", nioCore, nioPosix]),
    .target(name: "GRPC", dependencies: [nioCore, nioPosix, nioHTTP2]),
    .target(name: "Prometheus", dependencies: [metrics, nioCore, nioPosix, nioHTTP1, lifecycle, logging]),

    // Domain
    .target(name: "NetloomAPI", dependencies: ["KubernetesModel", "NetworkTypes", "JSON"]),
    .target(name: "NetworkAnnotations", dependencies: ["NetworkTypes", "JSON"]),
    .target(name: "IPAM", dependencies: ["NetworkTypes"]),
    .target(name: "OVNModel"),
    .target(
      name: "Compiler",
      dependencies: [
        "NetloomAPI", "IPAM", "OVNModel", "NetworkAnnotations", "NetworkTypes", "KubernetesModel", "JSON",
      ]),

    // Engines
    .target(
      name: "OpenVSwitchEngine",
      dependencies: ["OVSDB", "OpenFlow", "NetworkTypes", nioCore, nioPosix, logging, lifecycle]),
    .target(
      name: "MultiNetwork",
      dependencies: [
        "CNI", "Files", "GRPC", "JSON", "KubernetesModel", "Netlink", "NetworkAnnotations", "NetworkTypes", logging,
      ]),
    .target(name: "FabricEngines", dependencies: ["OVSDB", "NetworkTypes", nioCore, nioPosix, logging, lifecycle]),
    .target(
      name: "OVNEngine", dependencies: ["OVNModel", "OVSDB", nioCore, nioPosix, logging, metrics, lifecycle]),
    .target(
      name: "KubernetesEngine",
      dependencies: [
        "Compiler", "ControllerRuntime", "JSON", "KubernetesClient", "KubernetesModel", "NetloomAPI",
        "NetworkAnnotations", logging, lifecycle,
      ]),
    .target(
      name: "Callbacks", dependencies: ["JSON", "KubernetesModel", "NetloomAPI", httpClient, nioCore, logging]),

    // Roles
    .target(
      name: "Operator",
      dependencies: [
        "Callbacks", "Compiler", "ControllerRuntime", "FabricEngines", "IPAM", "JSON", "KubernetesClient",
        "KubernetesEngine", "KubernetesModel", "NetloomAPI", "NetworkTypes", "OVNEngine", "OVNModel", "OVSDB", logging,
        metrics, lifecycle,
      ]),
    .target(
      name: "NodeAgent",
      dependencies: [
        "CNI", "ControllerRuntime", "Files", "JSON", "KubernetesClient", "KubernetesModel", "MultiNetwork", "Netlink",
        "NetloomAPI", "NetworkAnnotations", "NetworkTypes", "OVNModel", "OVSDB", "OpenFlow", "OpenVSwitchEngine",
        nioCore,
        nioPosix, logging, metrics, lifecycle,
      ]),
    .target(
      name: "EmbeddedKubernetes",
      dependencies: [
        "APIMachinery", "Files", "JSON", "YAML", hummingbird, nioCore, nioPosix, nioSSL, logging, lifecycle,
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "X509", package: "swift-certificates"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .target(
      name: "EmbeddedNode",
      dependencies: [
        "CNI", "ControllerRuntime", "Files", "JSON", "KubernetesClient", "KubernetesModel", "Netlink", "NetworkTypes",
        logging, lifecycle,
      ]),
    .target(
      name: "Lab",
      dependencies: [
        "CNetlink", "Files", "JSON", "KubernetesClient", "KubernetesModel", "Netlink", "NetloomAPI",
        "NetworkAnnotations",
        "NetworkTypes", "OVSDB", "YAML", httpClient, hummingbird, logging, lifecycle, nioCore, nioPosix,
      ]),

    // CLI
    .executableTarget(
      name: "netloom",
      dependencies: [
        "EmbeddedKubernetes", "EmbeddedNode", "Files", "IPAM", "JSON", "KubernetesClient", "KubernetesModel", "Lab",
        "MultiNetwork", "NetloomAPI", "Netlink", "NetworkTypes", "NodeAgent", "OVSDB", "Operator", "Prometheus", "YAML",
        argumentParser, logging, metrics, lifecycle,
      ],
      // A quarter less memory for each process: relocations packed (read by glibc 2.36 and newer), and no table of the
      // symbols for others to link with.
      linkerSettings: [
        .unsafeFlags(
          ["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "--no-export-dynamic"],
          .when(platforms: [.linux], configuration: .release))
      ]),
    .executableTarget(
      name: "netloom-cni", dependencies: ["JSON"],
      swiftSettings: [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))],
      linkerSettings: [.unsafeFlags(["-static-executable", "-Xlinker", "-s"], .when(configuration: .release))]),

    // Tests
    .target(name: "OVSTestSupport", path: "Tests/OVSTestSupport"),
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .target(
      name: "CompilerTestSupport",
      dependencies: ["Compiler", "KubernetesModel", "NetworkTypes", "OVNModel", "TestSupport"],
      path: "Tests/CompilerTestSupport"),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"]),
    .testTarget(name: "NetworkTypesTests", dependencies: ["NetworkTypes", "TestSupport"]),
    .testTarget(name: "FilesTests", dependencies: ["Files"]),
    .testTarget(name: "YAMLTests", dependencies: ["JSON", "YAML"]),
    .testTarget(name: "KubernetesModelTests", dependencies: ["JSON", "KubernetesModel"]),
    .testTarget(
      name: "KubernetesClientTests",
      dependencies: ["JSON", "KubernetesClient", "KubernetesModel", logging, nioCore, nioHTTP1, nioPosix, nioSSL]),
    .testTarget(
      name: "ControllerRuntimeTests",
      dependencies: [
        "ControllerRuntime", "JSON", "KubernetesClient", "KubernetesModel", logging, nioCore, nioHTTP1, nioPosix,
        nioSSL, lifecycle,
      ]),
    .testTarget(name: "APIMachineryTests", dependencies: ["APIMachinery"]),
    .testTarget(name: "OVSDBTests", dependencies: ["JSON", "OVSDB", "OVSTestSupport", logging, nioCore, nioPosix]),
    .testTarget(name: "NetlinkTests", dependencies: ["Netlink", "NetworkTypes"]),
    .testTarget(name: "OpenFlowTests", dependencies: ["NetworkTypes", "OVSTestSupport", "OpenFlow"]),
    .testTarget(name: "GRPCTests", dependencies: ["GRPC", "TestSupport", nioCore, nioPosix, nioHTTP2]),
    .testTarget(
      name: "PrometheusTests", dependencies: ["Prometheus", metrics, nioCore, nioPosix, lifecycle, logging]),
    .testTarget(name: "CNITests", dependencies: ["CNI", "Files", "JSON", "Netlink", "NetworkTypes"]),
    .testTarget(
      name: "NetloomAPITests",
      dependencies: ["APIMachinery", "JSON", "KubernetesModel", "NetloomAPI", "NetworkTypes", yams]),
    .testTarget(name: "NetworkAnnotationsTests", dependencies: ["JSON", "NetworkAnnotations", "NetworkTypes"]),
    .testTarget(name: "IPAMTests", dependencies: ["IPAM", "NetworkTypes", "TestSupport"]),
    .testTarget(name: "OVNModelTests", dependencies: ["OVNModel"]),
    .testTarget(
      name: "CompilerTests",
      dependencies: [
        "Compiler", "CompilerTestSupport", "IPAM", "JSON", "KubernetesModel", "NetloomAPI", "NetworkAnnotations",
        "NetworkTypes", "OVNModel", "TestSupport",
      ]),
    .testTarget(
      name: "VirtualNetworkTests",
      dependencies: [
        "Compiler", "CompilerTestSupport", "JSON", "KubernetesModel", "Lab", "Netlink", "NetworkTypes", "OVNModel",
        "OVSDB", "OVSTestSupport", "OpenVSwitchEngine", "TestSupport", logging,
      ]),
    .testTarget(
      name: "OpenVSwitchEngineTests",
      dependencies: ["NetworkTypes", "OVSDB", "OVSTestSupport", "OpenVSwitchEngine", logging]),
    .testTarget(
      name: "FabricEnginesTests", dependencies: ["FabricEngines", "NetworkTypes", "OVSDB", "OVSTestSupport", logging]),
    .testTarget(
      name: "OVNEngineTests",
      dependencies: ["JSON", "OVNEngine", "OVNModel", "OVSDB", "OVSTestSupport", "TestSupport", logging]),
    .testTarget(
      name: "MultiNetworkTests",
      dependencies: [
        "CNI", "Files", "JSON", "KubernetesModel", "MultiNetwork", "Netlink", "NetloomAPI", "NetworkAnnotations",
        "NetworkTypes", logging,
      ]),
    .testTarget(
      name: "NodeAgentTests",
      dependencies: [
        "CNI", "Files", "JSON", "KubernetesModel", "Lab", "MultiNetwork", "Netlink", "NetloomAPI", "NetworkAnnotations",
        "NetworkTypes", "NodeAgent", "OVNModel", "OVSDB", "OVSTestSupport", "OpenFlow", "OpenVSwitchEngine",
        "TestSupport",
        "netloom-cni", logging, metrics,
        lifecycle, nioPosix,
      ]),
    .testTarget(
      name: "EmbeddedKubernetesTests",
      dependencies: ["APIMachinery", "EmbeddedKubernetes", "Files", "JSON", logging, lifecycle]),
    .testTarget(name: "CallbacksTests", dependencies: ["Callbacks", logging]),
    .testTarget(name: "KubernetesEngineTests", dependencies: ["Compiler", "KubernetesEngine", "KubernetesModel"]),
    .testTarget(
      name: "OperatorTests",
      dependencies: [
        "Callbacks", "Compiler", "FabricEngines", "KubernetesEngine", "KubernetesModel", "NetloomAPI",
        "NetworkAnnotations", "OVNEngine", "OVNModel", "Operator", logging,
      ]),
    .testTarget(
      name: "LabTests",
      dependencies: ["Files", "JSON", "Lab", "Netlink", "NetworkTypes", logging]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "CNI", "Files", "GRPC", "JSON", "KubernetesClient", "KubernetesModel", "Lab", "Netlink", "NetloomAPI",
        "NetworkAnnotations", "NetworkTypes", "OVSDB", logging, nioCore, nioPosix,
      ]),
  ]
)
