using System.Text.Json.Nodes;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Metadata.Shapes;

namespace HasuraMigrations.Engine.Metadata.Comparing;

/// <summary>Says in a sentence what a change means.</summary>
internal static class ChangeSentences
{
    internal static string Of(ObjectShape shape, MetadataObjectName name, MetadataChangeKind change, JsonObject? old, JsonObject? @new, IReadOnlyList<MetadataFieldChange> fields) => name.Kind switch
    {
        MetadataObjectKind.InsertPermission or MetadataObjectKind.SelectPermission or MetadataObjectKind.UpdatePermission or MetadataObjectKind.DeletePermission =>
            PermissionSentences.Of(name, change, old, @new, fields),
        MetadataObjectKind.Table or MetadataObjectKind.Function => Tracked(shape.Noun, name, change, fields),
        MetadataObjectKind.FunctionPermission => Role(name, change, fields, "call"),
        MetadataObjectKind.ActionPermission => Role(name, change, fields, "call the action"),
        MetadataObjectKind.RemoteSchemaPermission => Role(name, change, fields, "use the remote schema"),
        MetadataObjectKind.Document => $"the metadata changed: {FieldList(fields)}",
        _ when name.Parent is null && name.Name == SettingsName(name.Kind) => Settings(shape.Noun, change, fields),
        _ => Plain(shape.Noun, name, change, fields),
    };

    /// <summary>The members that differ, with old and new value where they are short.</summary>
    internal static string FieldList(IReadOnlyList<MetadataFieldChange> fields) => string.Join("; ", fields.Select(Field));

    private static string Tracked(string noun, MetadataObjectName name, MetadataChangeKind change, IReadOnlyList<MetadataFieldChange> fields) => change switch
    {
        MetadataChangeKind.Added => $"{noun} {name.Name} is now tracked",
        MetadataChangeKind.Removed => $"{noun} {name.Name} is no longer tracked",
        _ => $"{noun} {name.Name} changed: {FieldList(fields)}",
    };

    private static string Role(MetadataObjectName name, MetadataChangeKind change, IReadOnlyList<MetadataFieldChange> fields, string what) => change switch
    {
        MetadataChangeKind.Added => $"role {name.Name} can now {what} {name.Parent}",
        MetadataChangeKind.Removed => $"role {name.Name} can no longer {what} {name.Parent}",
        _ => $"the permission of role {name.Name} to {what} {name.Parent} changed: {FieldList(fields)}",
    };

    private static string Settings(string noun, MetadataChangeKind change, IReadOnlyList<MetadataFieldChange> fields) => change switch
    {
        MetadataChangeKind.Added => $"{noun} are now set",
        MetadataChangeKind.Removed => $"{noun} are no longer set",
        _ => $"{noun} changed: {FieldList(fields)}",
    };

    private static string Plain(string noun, MetadataObjectName name, MetadataChangeKind change, IReadOnlyList<MetadataFieldChange> fields)
    {
        var what = name.Parent is null ? $"{noun} {name.Name}" : $"{noun} {name.Name} of {name.Parent}";
        return change switch
        {
            MetadataChangeKind.Added => $"{what} is new",
            MetadataChangeKind.Removed => $"{what} is gone",
            _ => $"{what} changed: {FieldList(fields)}",
        };
    }

    private static string Field(MetadataFieldChange field) => (field.Old, field.New) switch
    {
        (null, { } added) => $"{field.Path} is now {Short(added)}",
        ({ } removed, null) => $"{field.Path} is no longer {Short(removed)}",
        ({ } old, { } @new) when old == @new => $"{field.Path} has another secret, which is not shown: {Short(@new)}",
        var (old, @new) => $"{field.Path} was {Short(old!)}, is {Short(@new!)}",
    };

    private static string Short(string json) => json.Length <= 120 ? json : $"{json[..117]}...";

    private static string? SettingsName(MetadataObjectKind kind) => kind switch
    {
        MetadataObjectKind.ApiLimits => "api_limits",
        MetadataObjectKind.MetricsConfig => "metrics_config",
        MetadataObjectKind.SchemaIntrospection => "graphql_schema_introspection",
        MetadataObjectKind.Network => "network",
        MetadataObjectKind.BackendConfigs => "backend_configs",
        MetadataObjectKind.OpenTelemetry => "opentelemetry",
        _ => null,
    };
}
