using System.Text.Json.Nodes;

namespace HasuraMigrations.Engine.Metadata.Files;

/// <summary>What SDL says of actions and custom types, in its order.</summary>
internal sealed class SdlDocument
{
    /// <summary>The lists of custom types, in the order of a server's export.</summary>
    internal static readonly IReadOnlyList<string> TypeKinds = ["input_objects", "objects", "scalars", "enums"];

    /// <summary>Actions: <c>{name, type, output_type, arguments?}</c>.</summary>
    internal List<JsonObject> Actions { get; } = [];

    /// <summary>Types by the name of their list, each as a member of that list.</summary>
    internal IReadOnlyDictionary<string, List<JsonObject>> Types { get; } = TypeKinds.ToDictionary(k => k, _ => new List<JsonObject>());
}
