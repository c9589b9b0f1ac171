using System.Globalization;

namespace HasuraMigrations.Engine.Processes;

/// <summary>A bound on what is read, so that hostile or broken input cannot exhaust the memory; a variable of the environment changes it.</summary>
public sealed class Limit
{
    private static readonly (string Suffix, int Shift)[] Units = [("KB", 10), ("MB", 20), ("GB", 30)];

    private readonly long _byDefault;

    private Limit(string variable, long byDefault) => (Variable, _byDefault) = (variable, byDefault);

    /// <summary>Size of the SQL of one step, in bytes (2 GiB less one).</summary>
    public static Limit SqlBytes { get; } = new("HASURA_MIGRATIONS_MAX_SQL_SIZE", int.MaxValue);

    /// <summary>Size of another file of a project, in bytes (64 MiB).</summary>
    public static Limit FileBytes { get; } = new("HASURA_MIGRATIONS_MAX_FILE_SIZE", 64L << 20);

    /// <summary>Characters that the aliases of one YAML text may stand for (16 Mi).</summary>
    public static Limit AliasedCharacters { get; } = new("HASURA_MIGRATIONS_MAX_YAML_ALIASES", 16L << 20);

    /// <summary>Size of an answer of a server after decompression, in bytes (256 MiB).</summary>
    public static Limit AnswerBytes { get; } = new("HASURA_MIGRATIONS_MAX_ANSWER_SIZE", 256L << 20);

    /// <summary>Refuses an environment with an invalid bound, before anything is read: what needs it may come late, or file by file.</summary>
    /// <param name="environment">Variables by name.</param>
    /// <exception cref="HasuraMigrationException">LimitInvalid.</exception>
    internal static void Check(IReadOnlyDictionary<string, string> environment)
    {
        foreach (var limit in new[] { SqlBytes, FileBytes, AliasedCharacters, AnswerBytes })
        {
            _ = limit.Read(environment.GetValueOrDefault(limit.Variable));
        }
    }

    /// <summary>Name of the variable, whose value is a number with KB, MB or GB behind it, or none.</summary>
    public string Variable { get; }

    /// <summary>What holds in this process.</summary>
    /// <exception cref="HasuraMigrationException">LimitInvalid.</exception>
    public long Value => Read(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The bound as a value of the variable gives it.</summary>
    /// <param name="text">The value; null or empty for what holds by default.</param>
    /// <exception cref="HasuraMigrationException">LimitInvalid.</exception>
    internal long Read(string? text)
    {
        var given = text?.Trim() ?? "";
        if (given.Length == 0)
        {
            return _byDefault;
        }

        var (suffix, shift) = Array.Find(Units, u => given.EndsWith(u.Suffix, StringComparison.OrdinalIgnoreCase));
        var digits = given[..^(suffix?.Length ?? 0)].TrimEnd();
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= int.MaxValue >> shift
            ? number << shift
            : throw new HasuraMigrationException("LimitInvalid", $"The environment variable {Variable} is not a size from 1 byte to {int.MaxValue:N0} bytes, such as 512MB or 1GB.", Variable);
    }
}
