using System.Globalization;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>
/// Reads <c>&lt;version&gt;_&lt;name&gt;.&lt;up|down&gt;.&lt;sql|yaml&gt;</c> as Hasura's CLI does: case-sensitive, the name greedy and
/// possibly empty, the version an unsigned decimal number that must fit a signed 64-bit one.
/// </summary>
internal readonly record struct MigrationFileName(long Version, string Name, MigrationStepKind Kind)
{
    /// <summary>Reads a logical name; the flat file name, or directory name + "." + file name.</summary>
    internal static bool TryParse(string logicalName, int configVersion, out MigrationFileName result)
    {
        result = default;
        var dot = logicalName.LastIndexOf('.');
        var before = dot < 0 ? -1 : logicalName.LastIndexOf('.', Math.Max(0, dot - 1), dot);
        if (before < 0
            || KindOf(logicalName[(before + 1)..], configVersion) is not { } kind
            || !TryParsePrefix(logicalName[..before], out var version, out var name))
        {
            return false;
        }

        result = new MigrationFileName(version, name, kind);
        return true;
    }

    /// <summary>Reads <c>&lt;version&gt;_&lt;name&gt;</c>.</summary>
    internal static bool TryParsePrefix(string text, out long version, out string name)
    {
        var underscore = text.IndexOf('_');
        name = underscore < 0 ? "" : text[(underscore + 1)..];
        version = 0;
        return underscore > 0
            && text.AsSpan(0, underscore).IndexOfAnyExceptInRange('0', '9') < 0
            && long.TryParse(text.AsSpan(0, underscore), NumberStyles.None, CultureInfo.InvariantCulture, out version);
    }

    private static MigrationStepKind? KindOf(string ending, int configVersion) => ending switch
    {
        "up.sql" => MigrationStepKind.UpSql,
        "down.sql" => MigrationStepKind.DownSql,
        "up.yaml" when configVersion == 1 => MigrationStepKind.UpYaml,
        "down.yaml" when configVersion == 1 => MigrationStepKind.DownYaml,
        _ => null,
    };
}
