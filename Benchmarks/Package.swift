// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that an ordinary build of the project does not pay for it. `make bench` builds it, and the
// two programs that it measures, in release configuration.

let package = Package(
  name: "netloom-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "netloom", path: ".."),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    .executableTarget(
      name: "netloom-bench",
      dependencies: [
        .product(name: "NetloomKit", package: "netloom"),
        .product(name: "Logging", package: "swift-log"),
      ])
  ]
)
