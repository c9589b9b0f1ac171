using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Tests.Module;

public sealed class ViewTests(HostedShell plain) : IClassFixture<HostedShell>
{
    public static TheoryData<string, string> Tables => new()
    {
        { Sample("HasuraMigration", "Database=main", "Version=1700000000001", "Name=init", "Status=Applied", "ChecksumState=Changed", "IsMissing=True"), "1700000000001       Applied                         init (" },
        { Sample("PlannedMigrationInfo", "Database=main", "Version=7", "Name=add", "Direction=Up", "StatementCount=12", "IsRecordOnly=True"), "Up        7                           12 add (record only, no transaction)" },
        { Sample("MigrationResult", "Database=main", "Version=7", "Name=add", "Outcome=RolledBack", "Duration=00:00:01.5"), "RolledBack 7                       1.50 s add" },
        { Sample("SeedResult", "Database=main", "Path=demo/a.sql", "Outcome=Applied", "StatementCount=12", "Duration=00:00:01.5", "IsResolved=True"), "Applied            12     1.50 s demo/a.sql (commit confirmed after a lost" },
        { Sample("PlannedSeedInfo", "Database=main", "Path=demo/a.sql", "Outcome=Skipped", "IsTransactional=True"), "Skip            0 demo/a.sql (unchanged)" },
        { Sample("HasuraSeed", "Database=main", "Version=7", "Path=7_a.sql", "StatementCount=2"), "7                            2 7_a.sql" },
        { Sample("MigrationRemoval", "Database=main", "Version=7", "Name=add", "IsRecordRemoved=True"), "7                   add (record)" },
        { Sample("HasuraMigrationState", "Database=main", "Version=7", "Store=Catalog", "IsInUse=True"), "7                   Catalog  yes    no" },
        { Sample("HasuraMigrationSetting", "Database=main", "Store=Table", "Name=migration_mode", "Value=false"), "Table    migration_mode           false" },
        { Sample("MigrationStateImport", "Database=main", "From=Table", "To=Catalog", "Present=3"), "Table    Catalog  0       3" },
        { Sample("MigrationSquash", "Database=main", "Version=7", "Name=sq", "IsProven=True", "AreFilesWritten=True"), "7                   sq (0 migrations, proven, files)" },
        { Sample("ProjectUpdate", "Path=/p", "FromVersion=1", "ToVersion=3", "IsProven=True", "AreFilesWritten=True"), "1    3    0        0        0        proven, files" },
        { Sample("MigrationLogEntry", "Database=main", "Version=7", "Name=add", "Direction=Up", "Outcome=failed", "Duration=00:00:01.5", "SqlState=42703", "Error=no such column"), "7                   Up        failed add in 1.50 s: 42703: no such column" },
        { Sample("Finding", "Severity=Warning", "Id=OutOfOrder", "Database=main", "Version=7", "Message=It is old."), "Warning     OutOfOrder                 main/7: It is old." },
        { Sample("Finding", "Severity=Warning", "Id=FileEmpty", "File=/p/migrations/7_add/up.sql", "Line=3", "Message=It is empty."), "Warning     FileEmpty                  7_add/up.sql:3: It is empty." },
        { Sample("MetadataImportResult", "Changed=True", "ResourceVersion=7", "Target=app@db:5432/blog"), "True            0                7 not checked app@db:5432/blog" },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table_answers_in_plain_text(string sample, string row)
    {
        var text = plain.Show(sample);

        Assert.Contains(row, text);
        Assert.DoesNotContain('\x1b', text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 120, line));
    }

    [Theory]
    [Trait("Case", "9.7")]
    [MemberData(nameof(Wide))]
    public void Nothing_is_dropped_or_cut_at_any_width(string sample, int width, string[] expected)
    {
        var text = plain.Show(sample, width);

        // Wrapped cells are joined again before they are compared.
        var joined = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        Assert.All(expected, e => Assert.Contains(string.Concat(e.Where(c => !char.IsWhiteSpace(c))), joined));
        Assert.DoesNotContain("...", text);
        Assert.DoesNotContain('\u2026', text);
        Assert.All(text.Split('\n'), line => Assert.True(line.TrimEnd().Length <= width, line));
    }

    public static TheoryData<string, int, string[]> Wide
    {
        get
        {
            var name = string.Join('_', Enumerable.Repeat("long_name", 9));
            var data = new TheoryData<string, int, string[]>();
            foreach (var width in new[] { 80, 120, 200 })
            {
                data.Add(Sample("HasuraMigration", "Version=1700000000001", $"Name={name}", "Status=Applied", "ChecksumState=Changed", "IsMissing=True"), width, ["Applied", name, "changed", "no files"]);
                data.Add(Sample("PlannedMigrationInfo", "Version=1700000000001", $"Name={name}", "Direction=Up", "StatementCount=12", "IsRecordOnly=True"), width, ["Up", "12", name, "record only", "no transaction"]);
                data.Add(Sample("MigrationResult", "Version=1700000000001", $"Name={name}", "Outcome=RolledBack", "Duration=00:00:01.5", "IsOutOfOrder=True"), width, ["RolledBack", name, "1.50 s", "out of order"]);
                data.Add(Sample("MigrationLogEntry", "Version=1700000000001", $"Name={name}", "Direction=Up", "Outcome=failed", "SqlState=42703", "Error=no such column"), width, ["failed", name, "42703: no such column"]);
                data.Add(Sample("Finding", "Severity=Warning", "Id=OutOfOrder", $"Message={name}", "RecommendedAction=Do this."), width, ["Warning", "OutOfOrder", name, "Do this."]);
                data.Add(Sample("MetadataImportResult", "Changed=True", "ResourceVersion=7", $"Target={name}@db:5432/blog"), width, ["True", $"{name}@db:5432/blog"]);
            }

            return data;
        }
    }

    [Fact]
    public void Migrations_are_grouped_by_database()
    {
        var text = plain.Show($"{Sample("HasuraMigration", "Database=one", "Version=1", "Name=a")}; {Sample("HasuraMigration", "Database=two", "Version=2", "Name=b")}");

        Assert.Contains("Database: one", text);
        Assert.Contains("Database: two", text);
    }

    [Fact]
    public void A_terminal_gets_the_words_in_colour()
    {
        using var shell = new HostedShell(ansi: true);

        Assert.Contains("\x1b[32mApplied\x1b[0m", shell.Show(Sample("HasuraMigration", "Version=1", "Status=Applied")));
        Assert.Contains("\x1b[33mPending\x1b[0m", shell.Show(Sample("HasuraMigration", "Version=1", "Status=Pending")));
        Assert.Contains("\x1b[31mError\x1b[0m", shell.Show(Sample("Finding", "Severity=Error", "Id=X", "Message=m")));
    }

    [Fact]
    public void A_project_is_shown_as_a_list_and_its_settings_as_a_table()
    {
        using var project = new TestProject(config: "version: 2\nadmin_secret: swordfish\n");

        var list = plain.Show("Get-HasuraProject -Project $p", ("p", project.Path));
        var settings = plain.Show("(Get-HasuraProject -Project $p).Settings", ("p", project.Path));

        Assert.Matches(@"Config version : 2\nDatabases      : default\n", list);
        Assert.Contains("Admin secret   : set", list);
        Assert.Matches(@"admin_secret +ConfigFile +\*{8}", settings);
        Assert.DoesNotContain("swordfish", list + settings);
    }

    [Fact]
    public void Connections_and_sandboxes_show_where_and_no_password()
    {
        var text = plain.Show("""
            $global:s = [System.Activator]::CreateInstance([HasuraMigrations.HasuraSandbox], @('Password=swordfish')); $s.Id = 'abc'; $s.Host = 'here'; $s.Port = 5; $s.User = 'me'; $s.Version = '16.4'
            [HasuraMigrations.HasuraConnection]::new('Password=swordfish', 'db.example', 5432, 'app', 'owner'); $s
            """);

        Assert.Matches(@"db\.example +5432 app +owner", text);
        Assert.Matches(@"abc +16\.4 +here +5", plain.Show("$s"));
        Assert.DoesNotContain("swordfish", text);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData(0.4, "<1 ms")]
    [InlineData(20.0, "20 ms")]
    [InlineData(1500.0, "1.50 s")]
    [InlineData(3_700_000.0, "1:01:40")]
    public void Durations_read_as_people_say_them(double? milliseconds, string expected)
    {
        var run = plain.Run("[HasuraMigrations.Formatting._Format]::Duration($d)", ("d", milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null));

        Assert.Equal(expected, run.Well().Output[0].BaseObject);
    }

    // Made by property, as scripts cannot call constructors with required members.
    private static string Sample(string type, params string[] values)
    {
        var set = values.Select(v => v.Split('=', 2)).Select(v => $"$o.{v[0]} = {(v[1] is "True" ? "$true" : $"'{v[1]}'")}");
        var lists = new[] { "Findings", "Steps", "Changes", "EffectsNotDone", "Files", "Replaced", "Migrations", "Written", "Moved", "Removed" }.Select(l => $"if ($o.psobject.Properties['{l}']) {{ $o.psobject.Properties['{l}'].Value = [System.Array]::CreateInstance($o.GetType().GetProperty('{l}').PropertyType.GenericTypeArguments[0], 0) }}");
        return $"$o = [System.Activator]::CreateInstance([HasuraMigrations.{type}]); {string.Join("; ", lists.Concat(set))}; $o";
    }
}
