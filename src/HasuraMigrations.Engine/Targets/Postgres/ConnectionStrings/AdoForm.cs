using System.Data.Common;

namespace HasuraMigrations.Engine.Targets.Postgres.ConnectionStrings;

/// <summary>The form of .NET, <c>Host=localhost;Database=app</c>, by its own reader.</summary>
internal static class AdoForm
{
    /// <summary>The parameters; of one that is written twice, the last.</summary>
    /// <exception cref="ConnectionTextException">The text is not in this form.</exception>
    internal static IReadOnlyList<ConnectionPair> Read(string text)
    {
        var builder = new DbConnectionStringBuilder();
        try
        {
            builder.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            throw new ConnectionTextException("it is not a list of Name=value with ';' between; a value with ';', '=' or quotes is written in double quotes");
        }

        return [.. builder.Keys.Cast<string>().Select(name => Pair(text, name, $"{builder[name]}"))];
    }

    private static ConnectionPair Pair(string text, string name, string value) =>
        new(name, value, text.Contains($"\"{value}\"", StringComparison.Ordinal) || text.Contains($"'{value}'", StringComparison.Ordinal));
}
