namespace HasuraMigrations;

/// <summary>What an object of the dependency graph is.</summary>
public enum DependencyObjectKind
{
    /// <summary>A source of the metadata.</summary>
    Source,

    /// <summary>A schema of a database.</summary>
    Schema,

    /// <summary>A table or view, with its tracking.</summary>
    Table,

    /// <summary>A column.</summary>
    Column,

    /// <summary>A type or domain.</summary>
    Type,

    /// <summary>A primary key, unique or check constraint.</summary>
    Constraint,

    /// <summary>A foreign key.</summary>
    ForeignKey,

    /// <summary>An index.</summary>
    Index,

    /// <summary>A trigger of a table.</summary>
    Trigger,

    /// <summary>A row security policy.</summary>
    Policy,

    /// <summary>A sequence.</summary>
    Sequence,

    /// <summary>A function, with its tracking.</summary>
    Function,

    /// <summary>An object or array relationship.</summary>
    Relationship,

    /// <summary>A computed field.</summary>
    ComputedField,

    /// <summary>A relationship to another source or to a remote schema.</summary>
    RemoteRelationship,

    /// <summary>The permission of a role on a table.</summary>
    Permission,

    /// <summary>An event trigger.</summary>
    EventTrigger,

    /// <summary>The permission of a role on a function.</summary>
    FunctionPermission,

    /// <summary>A logical model.</summary>
    LogicalModel,

    /// <summary>A native query.</summary>
    NativeQuery,

    /// <summary>A remote schema.</summary>
    RemoteSchema,

    /// <summary>The permission of a role on a remote schema.</summary>
    RemoteSchemaPermission,

    /// <summary>A custom object type of actions.</summary>
    CustomType,

    /// <summary>An action.</summary>
    Action,

    /// <summary>The permission of a role on an action.</summary>
    ActionPermission,

    /// <summary>A cron trigger.</summary>
    CronTrigger,

    /// <summary>A REST endpoint.</summary>
    RestEndpoint,

    /// <summary>A query of a collection.</summary>
    CollectionQuery,

    /// <summary>A role that inherits from others.</summary>
    InheritedRole,

    /// <summary>A role.</summary>
    Role,

    /// <summary>An object of the metadata that no server can read.</summary>
    Unreadable,
}
