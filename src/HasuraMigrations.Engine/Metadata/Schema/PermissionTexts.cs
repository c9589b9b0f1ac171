using System.Text.Json;
using HasuraMigrations.Engine.Json;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>A permission in the text of a table.</summary>
/// <param name="Kind">The index of what it permits.</param>
/// <param name="Index">Its place in the list.</param>
/// <param name="Role">Who has it; empty where nobody is named.</param>
/// <param name="Start">Where its value begins.</param>
/// <param name="Length">How many bytes the value has; 0 where it is missing.</param>
internal readonly record struct PermissionText(int Kind, int Index, string Role, int Start, int Length);

/// <summary>
/// Finds the permissions in the text of a table. They are most of a large document, and most of them say what another one says, so no
/// trees are made of them.
/// </summary>
internal static class PermissionTexts
{
    /// <summary>The permissions of a table, in the order of its text.</summary>
    /// <param name="table">The table as JSON.</param>
    /// <param name="members">The members of a table that are lists of permissions, in the order of their kinds.</param>
    internal static List<PermissionText> Find(ReadOnlySpan<byte> table, IReadOnlyList<string> members)
    {
        var found = new List<PermissionText>(32);
        var reader = new Utf8JsonReader(table, new JsonReaderOptions { MaxDepth = JsonText.MaximumDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var kind = KindOf(ref reader, members);
            reader.Read();
            if (kind >= 0 && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadList(ref reader, kind, found);
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    private static int KindOf(ref Utf8JsonReader reader, IReadOnlyList<string> members)
    {
        for (var i = 0; i < members.Count; i++)
        {
            if (reader.ValueTextEquals(members[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static void ReadList(ref Utf8JsonReader reader, int kind, List<PermissionText> found)
    {
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                found.Add(ReadEntry(ref reader, kind, index));
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static PermissionText ReadEntry(ref Utf8JsonReader reader, int kind, int index)
    {
        var entry = new PermissionText(kind, index, "", 0, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isRole, isPermission) = (reader.ValueTextEquals("role"u8), reader.ValueTextEquals("permission"u8));
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isRole && reader.TokenType == JsonTokenType.String)
            {
                entry = entry with { Role = reader.GetString()! };
            }

            reader.Skip();
            if (isPermission)
            {
                entry = entry with { Start = start, Length = (int)reader.BytesConsumed - start };
            }
        }

        return entry;
    }
}
