using HasuraMigrations.Engine.Processes;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Migrations;

/// <summary>One step of a migration: a file, or a text kept in the history.</summary>
public sealed class SourceStep
{
    private readonly Lazy<StepText> _text;
    private readonly Lazy<string> _checksum;

    /// <summary>A step in a file.</summary>
    /// <param name="kind">Which step.</param>
    /// <param name="path">Full path, for reading.</param>
    public SourceStep(MigrationStepKind kind, string path)
    {
        Kind = kind;
        Path = path;
        var limit = kind is MigrationStepKind.UpYaml or MigrationStepKind.DownYaml ? Limit.FileBytes : Limit.SqlBytes;
        _text = new Lazy<StepText>(() => StepText.Read(path, limit));
        _checksum = new Lazy<string>(() => StepText.ChecksumOfFile(path, limit));
    }

    /// <summary>A step whose text was kept in the history.</summary>
    public SourceStep(MigrationStepKind kind, StepText text)
    {
        Kind = kind;
        _text = new Lazy<StepText>(text);
        _checksum = new Lazy<string>(text.Checksum);
    }

    /// <summary>Which step.</summary>
    public MigrationStepKind Kind { get; }

    /// <summary>Full path of the file; null for a stored text.</summary>
    public string? Path { get; }

    /// <summary>Where it is, for messages: the path, or the file name of a stored text.</summary>
    public string Place => Path ?? $"{FileName(Kind)} kept in the history";

    /// <summary>The text, read on first use. Errors as of <see cref="StepText.Read"/>.</summary>
    public StepText Text => _text.Value;

    /// <summary>The text of a file of SQL; null for another one, and for one that cannot be read, which is reported elsewhere.</summary>
    internal SqlText? SqlOrNull
    {
        get
        {
            try
            {
                return Kind is MigrationStepKind.UpSql or MigrationStepKind.DownSql ? Text.Content : null;
            }
            catch (HasuraMigrationException)
            {
                return null;
            }
        }
    }

    /// <summary>The checksum of the text: of the one that was read, or of the file without keeping its text. Errors as of <see cref="StepText.Read"/>.</summary>
    public string Checksum => _text.IsValueCreated ? Text.Checksum : _checksum.Value;

    /// <summary>Up or down.</summary>
    public MigrationDirection Direction => Kind is MigrationStepKind.UpSql or MigrationStepKind.UpYaml ? MigrationDirection.Up : MigrationDirection.Down;

    /// <summary>The file name of a step: <c>up.sql</c>, <c>up.yaml</c>, <c>down.yaml</c>, <c>down.sql</c>.</summary>
    public static string FileName(MigrationStepKind kind) => kind switch
    {
        MigrationStepKind.UpSql => "up.sql",
        MigrationStepKind.UpYaml => "up.yaml",
        MigrationStepKind.DownYaml => "down.yaml",
        _ => "down.sql",
    };
}
