

namespace HasuraMigrations.Engine.Metadata.Api.Tables;

/// <summary>The functions that aggregate columns.</summary>
internal static class AggregateFunctions
{
    /// <summary>Those of numbers.</summary>
    internal static readonly string[] Numeric = ["avg", "stddev", "stddev_pop", "stddev_samp", "sum", "var_pop", "var_samp", "variance"];

    /// <summary>Those of what has an order.</summary>
    internal static readonly string[] Comparable = ["max", "min"];

    /// <summary>All of them, in the order of a server.</summary>
    internal static readonly string[] All = [.. Numeric, .. Comparable];

    private static readonly Dictionary<string, string> Texts = All.ToDictionary(f => f, f => $"aggregate {f} on columns");

    /// <summary>The description of the results of a function.</summary>
    internal static string TextOf(ApiNaming naming, string function) => NameInTexts(naming, function) is { } name && name != function ? $"aggregate {name} on columns" : Texts[function];

    /// <summary>A function in descriptions: named as its field, since words such as stddev_pop are separate words in names (Hasura 2.21).</summary>
    internal static string NameInTexts(ApiNaming naming, string function) => naming.Features.HasFullNaming ? naming.Word(function) : function;

    /// <summary>Functions with the columns that they take.</summary>
    internal static (string Function, ApiColumn[] Columns)[] Of(ApiColumn[] columns)
    {
        var (numeric, comparable) = (Array.FindAll(columns, c => c.Value.IsNumeric), Array.FindAll(columns, c => c.Value.IsComparable));
        return Array.ConvertAll(All, f => (f, Array.IndexOf(Comparable, f) >= 0 ? comparable : numeric));
    }
}
