using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>One of several parts of the databases of a project, for work that is spread over machines.</summary>
/// <param name="Number">Number of the part, from 1.</param>
/// <param name="Count">How many parts there are.</param>
internal sealed record DatabaseShare(int Number, int Count)
{
    private const int MaximumCount = 10_000;

    /// <summary>Reads a part such as <c>3/10</c>; null for none.</summary>
    /// <exception cref="HasuraMigrationException">ShardInvalid.</exception>
    internal static DatabaseShare? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var parts = text.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && number >= 1 && number <= count && count <= MaximumCount
            ? new DatabaseShare(number, count)
            : throw new HasuraMigrationException("ShardInvalid", $"'{text}' is not a valid part: it must be the number of a part and the number of parts, such as 3/10, and the first must not be larger than the second.", text);
    }

    /// <summary>The databases of this part. They follow from the name alone, so that another database, or another machine, moves none of them.</summary>
    internal IReadOnlyList<ProjectDatabase> Of(IEnumerable<ProjectDatabase> databases) => [.. databases.Where(d => NumberOf(d.Name) == Number)];

    private int NumberOf(string name) => (int)(BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) % (ulong)Count) + 1;

    /// <summary>As it was given.</summary>
    public override string ToString() => $"{Number.ToString(CultureInfo.InvariantCulture)}/{Count.ToString(CultureInfo.InvariantCulture)}";
}
