using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Api.Types;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>The members of a type that operations name.</summary>
/// <param name="type">The type.</param>
internal sealed class TypeSlice(ApiType type)
{
    private readonly Dictionary<string, ApiField> _fields = type.Fields.DistinctBy(f => f.Name).ToDictionary(f => f.Name, StringComparer.Ordinal);
    private readonly Dictionary<string, ApiField> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ApiInputValue> _inputs = type.InputFields.Where(f => f.IsRequired).ToDictionary(f => f.Name, StringComparer.Ordinal);
    private readonly HashSet<string> _missed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _near = new(StringComparer.Ordinal);
    private readonly HashSet<string> _values = new(StringComparer.Ordinal);

    /// <summary>The type.</summary>
    internal ApiType Type => type;

    /// <summary>Fields that are named.</summary>
    internal IReadOnlyCollection<ApiField> Fields => _used.Values;

    /// <summary>Names of other fields, which are like names that are not there.</summary>
    internal IEnumerable<string> Near => _near.Where(n => !_used.ContainsKey(n));

    /// <summary>Fields of an input object that are named or required.</summary>
    internal IReadOnlyCollection<ApiInputValue> InputFields => _inputs.Values;

    /// <summary>Values of an enum that are named.</summary>
    internal IReadOnlyCollection<string> Values => _values;

    /// <summary>True for a field that is there and named.</summary>
    internal bool Has(string name) => _used.ContainsKey(name);

    /// <summary>A field; null where there is none.</summary>
    internal ApiField? Field(string name) => _fields.TryGetValue(name, out var field) ? _used[name] = field : null;

    /// <summary>A field of an input object; null where there is none.</summary>
    internal ApiInputValue? InputField(string name) =>
        _inputs.TryGetValue(name, out var known) ? known : type.InputFields.FirstOrDefault(f => f.Name == name) is { } field ? _inputs[name] = field : null;

    /// <summary>A value of an enum is named.</summary>
    internal void EnumValue(string name)
    {
        if (!_values.Contains(name) && type.EnumValues.Any(v => v.Name == name))
        {
            _values.Add(name);
        }
    }

    /// <summary>A field is named that is not there.</summary>
    internal void Miss(string name)
    {
        if (!name.StartsWith("__", StringComparison.Ordinal) && _missed.Add(name) && NearestName.Of(name, _fields.Keys) is { } near)
        {
            _near.Add(near);
        }
    }
}
