/// CustomResourceDefinition.
let customResourceTypeDescriptions = """
  package io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1
  CustomResourceDefinition object: CustomResourceDefinition represents a resource that should be exposed on the API server. Its name MUST be in the format <.spec.name>.<.spec.group>.
    spec CustomResourceDefinitionSpec required | spec describes how the user wants the resources to appear
    status CustomResourceDefinitionStatus | status indicates the actual state of the CustomResourceDefinition
  CustomResourceDefinitionSpec: CustomResourceDefinitionSpec describes how a user wants their resource to appear
    conversion *CustomResourceConversion | conversion defines conversion settings for the CRD.
    group string ! | group is the API group of the defined custom resource. The custom resources are served under `/apis/<group>/...`.
    names CustomResourceDefinitionNames required | names specify the resource and kind names for the custom resource.
    preserveUnknownFields bool | preserveUnknownFields indicates that object fields which are not specified in the OpenAPI schema should be preserved when persisting to storage. Deprecated.
    scope string ! | scope indicates whether the defined custom resource is cluster- or namespace-scoped. Allowed values are `Cluster` and `Namespaced`.
    versions []CustomResourceDefinitionVersion ! atomic | versions is the list of all API versions of the defined custom resource.
  CustomResourceConversion: CustomResourceConversion describes how to convert different versions of a CR.
    strategy string ! | strategy specifies how custom resources are converted between versions. Allowed values are None and Webhook.
    webhook any | webhook describes how to call the conversion webhook. Required when strategy is set to Webhook.
  CustomResourceDefinitionNames: CustomResourceDefinitionNames indicates the names to serve this CustomResourceDefinition
    categories []string atomic | categories is a list of grouped resources this custom resource belongs to (e.g. 'all').
    kind string ! | kind is the serialized kind of the resource. It is normally CamelCase and singular.
    listKind string | listKind is the serialized kind of the list for this resource. Defaults to `kind`List.
    plural string ! | plural is the plural name of the resource to serve. Must be all lowercase.
    shortNames []string atomic | shortNames are short names for the resource, exposed in API discovery documents.
    singular string | singular is the singular name of the resource. It must be all lowercase. Defaults to lowercased `kind`.
  CustomResourceDefinitionVersion: CustomResourceDefinitionVersion describes a version for CRD.
    additionalPrinterColumns []CustomResourceColumnDefinition atomic | additionalPrinterColumns specifies additional columns returned in Table output.
    deprecated bool | deprecated indicates this version of the custom resource API is deprecated. When set to true, API requests to this version receive a warning header in the server response.
    deprecationWarning *string | deprecationWarning overrides the default warning returned to API clients. May only be set when `deprecated` is true.
    name string ! | name is the version name, e.g. "v1", "v2beta1", etc.
    schema *CustomResourceValidation | schema describes the schema used for validation, pruning, and defaulting of this version of the custom resource.
    selectableFields []SelectableField atomic | selectableFields specifies paths to fields that may be used as field selectors.
    served bool ! | served is a flag enabling/disabling this version from being served via REST APIs
    storage bool ! | storage indicates this version should be used when persisting custom resources to storage. There must be exactly one version with storage=true.
    subresources *CustomResourceSubresources | subresources specify what subresources this version of the defined custom resource have.
  CustomResourceColumnDefinition: CustomResourceColumnDefinition specifies a column for server side printing.
    description string | description is a human readable description of this column.
    format string | format is an optional OpenAPI type definition for this column.
    jsonPath string ! | jsonPath is a simple JSON path (i.e. with array notation) which is evaluated against each custom resource to produce the value for this column.
    name string ! | name is a human readable name for the column.
    priority int32 | priority is an integer defining the relative importance of this column compared to others. Lower numbers are considered higher priority.
    type string ! | type is an OpenAPI type definition for this column.
  SelectableField: SelectableField specifies the JSON path of a field that may be used with field selectors.
    jsonPath string ! | jsonPath is a simple JSON path which is evaluated against each custom resource to produce a field selector value.
  CustomResourceSubresources: CustomResourceSubresources defines the status and scale subresources for CustomResources.
    scale *CustomResourceSubresourceScale | scale indicates the custom resource should serve a `/scale` subresource that returns an `autoscaling/v1` Scale object.
    status *CustomResourceSubresourceStatus | status indicates the custom resource should serve a `/status` subresource.
  CustomResourceSubresourceStatus: CustomResourceSubresourceStatus defines how to serve the status subresource for CustomResources.
  CustomResourceSubresourceScale: CustomResourceSubresourceScale defines how to serve the scale subresource for CustomResources.
    labelSelectorPath *string | labelSelectorPath defines the JSON path inside of a custom resource that corresponds to Scale `status.selector`.
    specReplicasPath string ! | specReplicasPath defines the JSON path inside of a custom resource that corresponds to Scale `spec.replicas`.
    statusReplicasPath string ! | statusReplicasPath defines the JSON path inside of a custom resource that corresponds to Scale `status.replicas`.
  CustomResourceValidation: CustomResourceValidation is a list of validation methods for CustomResources.
    openAPIV3Schema *JSONSchemaProps | openAPIV3Schema is the OpenAPI v3 schema to use for validation and pruning.
  CustomResourceDefinitionStatus: CustomResourceDefinitionStatus indicates the state of the CustomResourceDefinition
    acceptedNames CustomResourceDefinitionNames | acceptedNames are the names that are actually being used to serve discovery.
    conditions []CustomResourceDefinitionCondition always map=type | conditions indicate state for particular aspects of a CustomResourceDefinition
    observedGeneration int64 | The generation observed by the CRD controller.
    storedVersions []string always atomic | storedVersions lists all versions of CustomResources that were ever persisted.
  CustomResourceDefinitionCondition: CustomResourceDefinitionCondition contains details for the current condition of this pod.
    lastTransitionTime Time | lastTransitionTime last time the condition transitioned from one status to another.
    message string | message is a human-readable message indicating details about last transition.
    observedGeneration int64 | observedGeneration represents the .metadata.generation that the condition was set based upon.
    reason string | reason is a unique, one-word, CamelCase reason for the condition's last transition.
    status string ! | status is the status of the condition. Can be True, False, Unknown.
    type string ! | type is the type of the condition. Types include Established, NamesAccepted and Terminating.
  JSONSchemaProps: JSONSchemaProps is a JSON-Schema following Specification Draft 4 (http://json-schema.org/).
    $ref *string | Not allowed in a structural schema.
    $schema string |
    additionalItems JSONSchemaPropsOrBool |
    additionalProperties JSONSchemaPropsOrBool | A schema of the values of a map, or a truth value.
    allOf []JSONSchemaProps atomic |
    anyOf []JSONSchemaProps atomic |
    default any | default is a default value for undefined object fields.
    definitions map[string]JSONSchemaProps |
    dependencies any |
    description string |
    enum []any atomic |
    example any |
    exclusiveMaximum bool |
    exclusiveMinimum bool |
    externalDocs any |
    format string | format is an OpenAPI v3 format string. Unknown formats are ignored.
    id string |
    items JSONSchemaPropsOrBool | A schema of the elements of a list.
    maxItems *int64 |
    maxLength *int64 |
    maxProperties *int64 |
    maximum *double |
    minItems *int64 |
    minLength *int64 |
    minProperties *int64 |
    minimum *double |
    multipleOf *double |
    not *JSONSchemaProps |
    nullable bool |
    oneOf []JSONSchemaProps atomic |
    pattern string |
    patternProperties map[string]JSONSchemaProps |
    properties map[string]JSONSchemaProps |
    required []string atomic |
    title string |
    type string |
    uniqueItems bool |
    x-kubernetes-embedded-resource bool | x-kubernetes-embedded-resource defines that the value is an embedded Kubernetes runtime.Object, with TypeMeta and ObjectMeta.
    x-kubernetes-int-or-string bool | x-kubernetes-int-or-string specifies that this value is either an integer or a string.
    x-kubernetes-list-map-keys []string atomic | x-kubernetes-list-map-keys annotates an array with the x-kubernetes-list-type `map` by specifying the keys used as the index of the map.
    x-kubernetes-list-type *string | x-kubernetes-list-type annotates an array to further describe its topology: `atomic`, `set` or `map`.
    x-kubernetes-map-type *string | x-kubernetes-map-type annotates an object to further describe its topology: `granular` or `atomic`.
    x-kubernetes-preserve-unknown-fields *bool | x-kubernetes-preserve-unknown-fields stops the API server decoding step from pruning fields which are not specified in the validation schema.
    x-kubernetes-validations []ValidationRule key=rule map=rule | x-kubernetes-validations describes a list of validation rules written in the CEL expression language.
  ValidationRule: ValidationRule describes a validation rule written in the CEL expression language.
    fieldPath string | fieldPath represents the field path returned when the validation fails.
    message string | Message represents the message displayed when validation fails.
    messageExpression string | MessageExpression declares a CEL expression that evaluates to the validation failure message that is returned when this rule fails.
    optionalOldSelf *bool | optionalOldSelf is used to opt a transition rule into evaluation even when the object is first created, or if the old object is missing the value.
    reason *string | reason provides a machine-readable validation failure reason that is returned to the caller when a request fails this validation rule.
    rule string ! | Rule represents the expression which will be evaluated by CEL.
  """
