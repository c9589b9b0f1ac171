using System.Text.Json.Serialization;

namespace HasuraMigrations.Engine.Records;

/// <summary>JSON of the history. The code is made by the compiler: to make it from the types costs a new process about 40 ms.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, bool>))]
internal sealed partial class RecordJson : JsonSerializerContext;
