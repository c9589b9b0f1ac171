namespace HasuraMigrations.Engine.Metadata.Api;

/// <summary>The functions that aggregate columns.</summary>
internal static class AggregateFunctions
{
    /// <summary>Those of numbers.</summary>
    internal static readonly string[] Numeric = ["avg", "stddev", "stddev_pop", "stddev_samp", "sum", "var_pop", "var_samp", "variance"];

    /// <summary>Those of what has an order.</summary>
    internal static readonly string[] Comparable = ["max", "min"];

    private static readonly Dictionary<string, string> Texts = Numeric.Concat(Comparable).ToDictionary(f => f, f => $"aggregate {f} on columns");

    /// <summary>The description of the results of a function.</summary>
    internal static string TextOf(string function) => Texts[function];

    /// <summary>Functions with the columns that they take.</summary>
    internal static IEnumerable<(string Function, ApiColumn[] Columns)> Of(ApiColumn[] columns)
    {
        var (numeric, comparable) = (Array.FindAll(columns, c => c.Value.IsNumeric), Array.FindAll(columns, c => c.Value.IsComparable));
        return Numeric.Select(f => (f, numeric)).Concat(Comparable.Select(f => (f, comparable)));
    }
}
