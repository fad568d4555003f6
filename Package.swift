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
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "netloom",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
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
    // Protocols
    .target(name: "KubernetesModel", dependencies: ["JSON"]),
    .target(name: "OVSDB", dependencies: ["JSON", nioCore, nioPosix, nioSSL, logging, lifecycle]),
    .target(name: "CNetlink"),
    .target(name: "Netlink", dependencies: ["CNetlink", "NetworkTypes"]),
    // Roles
    .target(name: "Lab", dependencies: ["CNetlink", "JSON", "NetworkTypes", "Netlink", "OVSDB", logging, nioCore, nioPosix]),
    .testTarget(name: "JSONTests", dependencies: ["JSON"]),
    .testTarget(name: "LabTests", dependencies: ["Lab", "JSON", "NetworkTypes", "Netlink", logging]),
  ]
)
