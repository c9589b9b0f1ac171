using System.Collections;
using System.Reflection;

namespace HasuraMigrations.HelpWriter;

/// <summary>An error of the module.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">Its category.</param>
/// <param name="Meaning">When it is reported.</param>
/// <param name="Action">What to do.</param>
internal sealed record ErrorRow(string Id, string Kind, string Meaning, string Action)
{
    /// <summary>The table of errors of the contracts, in its order.</summary>
    public static IReadOnlyList<ErrorRow> Read(Assembly contracts)
    {
        var all = (IEnumerable?)contracts.GetType("HasuraMigrations.ErrorCatalog")?.GetProperty("All")?.GetValue(null)
            ?? throw new HelpException("The contracts have no ErrorCatalog.All.");
        return [.. all.Cast<object>().Select(e => new ErrorRow(Text(e, "Id"), Text(e, "Kind"), Text(e, "Meaning"), Text(e, "RecommendedAction")))];
    }

    private static string Text(object error, string property) => $"{error.GetType().GetProperty(property)?.GetValue(error)}";
}
