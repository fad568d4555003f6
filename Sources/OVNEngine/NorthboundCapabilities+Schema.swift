import OVSDB

extension NorthboundCapabilities {
  /// What a schema has.
  init(_ schema: DatabaseSchema) {
    schemaVersion = schema.version
    hasServiceInsertion = schema.tables["Network_Function"] != nil
    hasPortMirrors = schema.tables["Mirror"]?["type"]?.words.contains("lport") ?? false
    hasMirrorsOfBothDirections = schema.tables["Mirror"]?["filter"]?.words.contains("both") ?? false
  }
}
