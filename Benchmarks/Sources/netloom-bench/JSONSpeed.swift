import JSON
import Netlink

/// How fast JSON is read and written, beside Python's (a parser and a serialiser in C).
struct JSONSpeed {
  let rounds: Int

  func run() async throws -> Section {
    let document = Self.document
    let bytes = document.serialized()
    let file = "/tmp/netloom-bench-\(ProcessID.current).json"
    try writeFile(bytes, to: file)
    defer { removeFile(file) }
    let megabytes = Double(bytes.count) / 1_000_000
    var (parse, serialize, peerParse, peerSerialize) = (Measurements(), Measurements(), Measurements(), Measurements())
    for _ in 0..<rounds {
      var parsed = JSONValue.null
      parse.append(megabytes / (try time { parsed = try JSONValue(parsing: bytes) }).seconds)
      var written = 0
      serialize.append(megabytes / time { written = parsed.serialized().count }.seconds)
      guard written == bytes.count else { throw BenchmarkError("what was read is not what was written") }
      let peer = try await NamespaceProcess.run(ProcessCommand("python3", ["-c", Self.script, file]))
      let seconds = peer.text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
      guard seconds.count == 2 else { throw BenchmarkError("python3: \(peer.errorText)") }
      peerParse.append(megabytes / seconds[0])
      peerSerialize.append(megabytes / seconds[1])
    }
    var section = Section(
      title: "JSON",
      method:
        "A list of pods, \(short(megabytes)) MB, into a `JSONValue` and back with sorted keys; \(rounds) rounds in turns "
        + "with Python's `json`.")
    section.figures = [
      Figure("read", parse.median, "MB/s", peer: "read by Python"), Figure("read by Python", peerParse.median, "MB/s"),
      Figure("written", serialize.median, "MB/s", peer: "written by Python"),
      Figure("written by Python", peerSerialize.median, "MB/s"),
    ]
    return section
  }

  private static let script = """
    import json, sys, time
    text = open(sys.argv[1], 'rb').read()
    def best(work):
        times = []
        for _ in range(3):
            start = time.perf_counter(); work(); times.append(time.perf_counter() - start)
        return min(times)
    value = json.loads(text)
    print(best(lambda: json.loads(text)), best(lambda: json.dumps(value, separators=(',', ':'), sort_keys=True)))
    """

  private static var document: JSONValue {
    let pods = (0..<1000).map { index -> JSONValue in
      [
        "apiVersion": "v1", "kind": "Pod",
        "metadata": [
          "name": .string("pod-\(index)"), "namespace": "test", "uid": .string("5d3f7c1e-0000-4000-8000-\(index)"),
          "resourceVersion": .string("\(index * 7)"), "creationTimestamp": "2026-01-01T00:00:00Z",
          "labels": ["app": "web", "tier": "front \"quoted\""],
          "annotations": [
            "k8s.v1.cni.cncf.io/networks": "vlan13,vlan14@net7",
            "netloom.dev/allocations": .string("[{\"interface\":\"net1\",\"ips\":[\"10.10.13.\(index % 250)/24\"]}]"),
          ],
        ],
        "spec": [
          "nodeName": "worker1", "priority": .integer(Int64(index)), "weight": .number(Double(index) / 7),
          "containers": [["name": "main", "image": "registry.example.com/team/image:v1.2.3", "ports": [8080, 8443]]],
        ],
        "status": [
          "phase": "Running", "podIP": .string("10.244.1.\(index % 250)"),
          "conditions": [
            ["type": "Ready", "status": "True", "reason": .null, "message": "läuft – ok"],
            ["type": "Initialized", "status": "True", "observed": true],
          ],
        ],
      ]
    }
    return ["apiVersion": "v1", "kind": "PodList", "items": .array(pods)]
  }
}
