using System.Text;
using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Targets.Postgres.Sessions;
using HasuraMigrations.Engine.Tests.Support;
using HasuraMigrations.TestServer;

namespace HasuraMigrations.Engine.Tests.Targets;

/// <summary>A file that is sent in several parts is one transaction with its record, as any other.</summary>
public sealed class LargeFileTests(PostgresServer server)
{
    private static readonly string Padding = new('p', 2000);

    [Fact]
    [Trait("Case", "16")]
    public async Task AFileInPartsRunsWholeOrNotAtAll()
    {
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, File(1500, bad: 1400), "DROP TABLE large;");

        var error = await Assert.ThrowsAsync<MigrationFailedException>(() => project.RunAsync(database.ConnectionString));

        Assert.Equal(("MigrationFailed", 1401, 1401, 1), (error.ErrorId, error.StatementNumber, error.Line, error.StatementStartLine - 1400));
        Assert.Equal("SELECT nope;", error.SourceLine);
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename = 'large'"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.history"));

        project.Add(1, File(1500, bad: null), "DROP TABLE large;");
        Assert.Single((await project.RunAsync(database.ConnectionString)).Results);
        Assert.Equal(1500L, await database.ScalarAsync<long>("SELECT count(*) FROM large"));
        Assert.Empty((await project.RunAsync(database.ConnectionString)).Results);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM hasura_migrations.log WHERE outcome = 'succeeded'"));

        await using var target = project.Target(database.ConnectionString);
        var stored = (await target.ReadStoredAsync(CancellationToken.None))[1];
        Assert.Equal([File(1500, bad: null), "DROP TABLE large;"], stored.Steps.Select(s => s.Text.Text));
        Assert.Single((await project.RunAsync(database.ConnectionString, new MigrationGoal.Last(1), plan: new PlanOptions { FromHistory = true })).Results);
    }

    [Fact]
    public async Task AFileLongerThanARequestIsRefusedThroughAServerBeforeAnythingRuns()
    {
        await using var place = await Server.Place.OpenAsync(server, HasuraApi.V2, withTable: false);
        using var project = new TestProject().Add(1, "CREATE TABLE small (id int);").Add(2, "SELECT 1; --" + new string(' ', 64 << 20));

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(place.Host));

        var finding = Assert.Single(error.Findings, f => f.Severity == FindingSeverity.Error);
        Assert.Equal(("FileTooLarge", "up.sql"), (finding.Id, Path.GetFileName(finding.File)));
        Assert.Contains("connect straight to the database", finding.RecommendedAction);
        Assert.Equal("", await place.TablesAsync());
    }

    [Fact]
    public async Task AStatementLongerThanAMessageIsRefusedBeforeAnythingRuns()
    {
        Assert.SkipUnless(LongForm.IsOn, "A statement of more than 1 GB is for the long form.");
        await using var database = await server.CreateDatabaseAsync();
        using var project = new TestProject().Add(1, "CREATE TABLE small (id int);").Add(2, "SELECT 1;");
        await using (var file = new StreamWriter(Path.Combine(project.Migrations, "2_m", "up.sql")))
        {
            await file.WriteAsync("SELECT 1;\nSELECT length('");
            for (var i = 0; i <= 1024; i++)
            {
                await file.WriteAsync(new string('x', 1 << 20));
            }

            await file.WriteAsync("');\n");
        }

        var error = await Assert.ThrowsAsync<HasuraMigrationException>(() => project.RunAsync(database.ConnectionString));

        var finding = Assert.Single(error.Findings, f => f.Severity == FindingSeverity.Error);
        Assert.Equal(("StatementTooLong", 2), (finding.Id, finding.Line));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename = 'small'"));
    }

    private static string File(int rows, int? bad)
    {
        var text = new StringBuilder("CREATE TABLE large (id int, note text); -- é\n".Replace("\n", "", StringComparison.Ordinal));
        for (var i = 1; i <= rows; i++)
        {
            text.Append(i == bad ? "\nSELECT nope;" : $"\nINSERT INTO large VALUES ({i}, '{Padding}');");
        }

        return text.ToString();
    }
}
