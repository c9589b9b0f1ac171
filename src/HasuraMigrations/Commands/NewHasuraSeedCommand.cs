using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Seeds;

namespace HasuraMigrations.Commands;

/// <summary>Writes a new seed file.</summary>
/// <remarks>
/// <para>
/// Creates the file <c>&lt;version&gt;_&lt;name&gt;.sql</c> in the seeds directory of a database; the version is the time in milliseconds
/// since 1970, or the next free number. Existing files are never overwritten. Two calls never get the same version, even if they run
/// at the same time.
/// </para>
/// <para>
/// With -FromTable, the file contains the rows of tables as INSERT statements, and the state of their sequences. Directly on
/// PostgreSQL, they are read with the pg_dump of this machine, which must not be older than the server. Through a Hasura server, the
/// server runs pg_dump. The rows of a partitioned table are those of its partitions. Without -FromTable, -Sql and -Path, the file is
/// created empty, to be filled later.
/// </para>
/// </remarks>
/// <output cref="HasuraSeed">The file that was written.</output>
/// <notes>
/// Files are written as UTF-8 without a byte order mark. A dump is not changed within values; what pg_dump writes for its own session
/// and for psql is left out. Only -FromTable requires a connection.
/// </notes>
/// <seealso cref="InvokeHasuraSeedCommand"/>
/// <seealso href="about_HasuraMigrations_Connections"/>
[Cmdlet(VerbsCommon.New, "HasuraSeed", DefaultParameterSetName = "Text", SupportsShouldProcess = true, HelpUri = HelpPages.Base + "New-HasuraSeed.md")]
[OutputType(typeof(HasuraSeed))]
public sealed class NewHasuraSeedCommand : HasuraDatabaseCmdlet
{
    /// <summary>
    /// Name of the seed file, which becomes part of its file name. Letters, digits, spaces, '-' and '_' are allowed; path separators,
    /// quotes, wildcards and control characters are refused.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Name of the seed file, which becomes part of its file name.")]
    [AllowEmptyString]
    public string Name { get; set; } = "";

    /// <summary>
    /// Tables whose rows are written, as table or schema.table. Case counts; without a schema, public is used. A part that contains a dot
    /// or a quote is written in double quotes, as in SQL.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "Table", HelpMessage = "Tables whose rows are written, as table or schema.table.")]
    [ValidateNotNullOrEmpty]
    public string[]? FromTable { get; set; }

    /// <summary>Text of the file.</summary>
    [Parameter(ParameterSetName = "Text")]
    [ValidateNotNullOrEmpty]
    public string? Sql { get; set; }

    /// <summary>File with the text. Relative paths are relative to the current location of the shell.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path", HelpMessage = "File with the text.")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    private protected override void OnRecord()
    {
        var tables = FromTable?.Select(SeedTable.Parse).Distinct().ToList();
        var text = Path is null ? Sql ?? "" : TextFile.Read(ResolvePath(Path)).Text;
        var project = OpenProject();
        var databases = DatabaseSelection.Select(project, Database, isAllByDefault: false, mayBeNew: true)
            .Where(d => Confirmed(WriterOf(project, d).Choose(Name).File, "Create seed file")).ToList();
        if (tables is null)
        {
            databases.ForEach(d => Write(project, d, text, []));
            return;
        }

        ForEachConnection(project, databases, async (database, connection, cancellationToken) =>
        {
            var target = MigrationTargets.OpenForSeeds(connection, database.Name, project.ConfigVersion);
            await using (target.ConfigureAwait(false))
            {
                var (dump, findings) = await new SeedDump(target, database.Name).CreateAsync(tables, cancellationToken).ConfigureAwait(false);
                await OnPipelineAsync(() => Write(project, database, dump, findings)).ConfigureAwait(false);
            }
        });
    }

    private void Write(HasuraProject project, ProjectDatabase database, string text, IReadOnlyList<Finding> findings)
    {
        var written = WriterOf(project, database).Write(Name, text, findings);
        Report(written.Findings);
        WriteObject(written);
    }

    private static SeedWriter WriterOf(HasuraProject project, ProjectDatabase database) => new(project, database, TimeProvider.System);
}
