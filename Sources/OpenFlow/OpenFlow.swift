/// OpenFlow 1.3 (ONF TS-006), as much as it takes to own flows on a bridge.
public enum OpenFlow {}
