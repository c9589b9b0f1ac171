using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Sql;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Sql;

/// <summary>What a long script keeps in memory. It is measured for the whole process, so nothing else runs beside it.</summary>
[Collection(nameof(SqlTextMemoryTests))]
[CollectionDefinition(nameof(SqlTextMemoryTests), DisableParallelization = true)]
public class SqlTextMemoryTests
{
    [Fact]
    [Trait("Case", "16")]
    public void AScriptKeepsLessThanHalfOfTheBytesOfItsFile()
    {
        const int Bytes = 8_000_000;
        using var project = new TestProject().Add(1, "");
        var path = Path.Combine(project.Migrations, "1_m", "up.sql");
        using (var writer = new StreamWriter(path))
        {
            for (var (i, length) = (0, 0); length < Bytes; i++)
            {
                var line = $"INSERT INTO large (id, name, note) VALUES ({i}, 'name {i * 7919L % 100003}', 'some text that is as long as such texts are, number {i}');\n";
                writer.Write(line);
                length += line.Length;
            }
        }

        _ = SqlScript.Parse(StepText.Read(path).Content);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var script = SqlScript.Parse(StepText.Read(path).Content);
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.True(kept < Bytes / 2, $"{kept:N0} bytes are kept of {Bytes:N0}.");
        Assert.True(script.Statements.Count > 50_000);
    }
}
