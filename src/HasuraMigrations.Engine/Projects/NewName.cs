using System.Text;

namespace HasuraMigrations.Engine.Projects;

/// <summary>Names that become part of names of files.</summary>
internal static class NewName
{
    private const int MaximumBytes = 220;
    private const string Forbidden = "/\\:*?\"'`<>|$";

    /// <summary>Refuses a name that some file system or shell cannot take.</summary>
    /// <param name="errorId">Id of the error.</param>
    /// <param name="what">What is named, such as <c>migration</c>.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="HasuraMigrationException">It cannot be used.</exception>
    internal static void Check(string errorId, string what, string name)
    {
        var why = name.Trim().Length == 0 ? "is empty"
            : name.Trim() != name ? "begins or ends with a space"
            : name.EndsWith('.') ? "ends with a dot"
            : Encoding.UTF8.GetByteCount(name) > MaximumBytes ? $"is longer than {MaximumBytes} bytes"
            : name.FirstOrDefault(c => char.IsControl(c) || Forbidden.Contains(c)) is not '\0' and var bad ? $"contains {(char.IsControl(bad) ? "a control character" : $"the character {bad}")}"
            : name.Contains('\0') ? "contains a control character"
            : null;
        if (why is not null)
        {
            throw new HasuraMigrationException(errorId, $"The {what} name {why}.", name);
        }
    }
}
