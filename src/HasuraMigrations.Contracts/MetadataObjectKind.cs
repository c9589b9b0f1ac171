namespace HasuraMigrations;

/// <summary>What a metadata object is.</summary>
public enum MetadataObjectKind
{
    /// <summary>The document itself, with keys that belong to no other object.</summary>
    Document,

    /// <summary>A source: a database.</summary>
    Source,

    /// <summary>A tracked table or view.</summary>
    Table,

    /// <summary>An object relationship of a table.</summary>
    ObjectRelationship,

    /// <summary>An array relationship of a table.</summary>
    ArrayRelationship,

    /// <summary>A computed field of a table.</summary>
    ComputedField,

    /// <summary>A remote relationship of a table.</summary>
    RemoteRelationship,

    /// <summary>The insert permission of a role.</summary>
    InsertPermission,

    /// <summary>The select permission of a role.</summary>
    SelectPermission,

    /// <summary>The update permission of a role.</summary>
    UpdatePermission,

    /// <summary>The delete permission of a role.</summary>
    DeletePermission,

    /// <summary>An event trigger of a table.</summary>
    EventTrigger,

    /// <summary>A tracked function.</summary>
    Function,

    /// <summary>The permission of a role on a function.</summary>
    FunctionPermission,

    /// <summary>A native query.</summary>
    NativeQuery,

    /// <summary>A stored procedure.</summary>
    StoredProcedure,

    /// <summary>A logical model.</summary>
    LogicalModel,

    /// <summary>The select permission of a role on a logical model.</summary>
    LogicalModelPermission,

    /// <summary>A remote schema.</summary>
    RemoteSchema,

    /// <summary>The permission of a role on a remote schema.</summary>
    RemoteSchemaPermission,

    /// <summary>The relationships of one type of a remote schema.</summary>
    RemoteSchemaRelationship,

    /// <summary>A query collection.</summary>
    QueryCollection,

    /// <summary>A query of a collection.</summary>
    CollectionQuery,

    /// <summary>An entry of the allow list.</summary>
    AllowListEntry,

    /// <summary>An action.</summary>
    Action,

    /// <summary>The permission of a role on an action.</summary>
    ActionPermission,

    /// <summary>A custom input object type.</summary>
    InputObjectType,

    /// <summary>A custom object type.</summary>
    ObjectType,

    /// <summary>A custom scalar type.</summary>
    ScalarType,

    /// <summary>A custom enum type.</summary>
    EnumType,

    /// <summary>A cron trigger.</summary>
    CronTrigger,

    /// <summary>A REST endpoint.</summary>
    RestEndpoint,

    /// <summary>An inherited role.</summary>
    InheritedRole,

    /// <summary>The API limits.</summary>
    ApiLimits,

    /// <summary>The metrics settings.</summary>
    MetricsConfig,

    /// <summary>The roles for which introspection is off.</summary>
    SchemaIntrospection,

    /// <summary>The TLS allow list.</summary>
    Network,

    /// <summary>The data connector agents.</summary>
    BackendConfigs,

    /// <summary>The OpenTelemetry settings.</summary>
    OpenTelemetry,
}
