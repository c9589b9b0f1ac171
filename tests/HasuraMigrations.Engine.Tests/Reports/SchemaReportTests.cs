using System.Xml.Linq;
using HasuraMigrations.Engine.Reports;
using HasuraMigrations.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Reports;

public sealed class SchemaReportTests
{
    [Fact]
    public void Mermaid_has_tables_keys_and_lines()
    {
        var schema = Schema(
            [Table("public.author", Column("id", "int4", isPrimary: true)), Table("public.odd name", Column("a b", "character varying(3)", isForeign: true))],
            [Relation("public.odd name", "writer", SchemaRelationshipKind.Object, "public.author", "a b", "id", holdsKey: true), Relation("public.author", "odds", SchemaRelationshipKind.Array, "public.odd name", "id", "a b", holdsKey: false)]);

        Assert.Equal(
            """
            erDiagram
                t1["public.author"] {
                    int4 id PK
                }
                t2["public.odd name"] {
                    character_varying(3) a_b FK "a b"
                }
                t1 ||--o{ t2 : "writer / odds"

            """.ReplaceLineEndings("\n"),
            MermaidSchema.Write(schema));
    }

    [Fact]
    public void A_foreign_key_without_relationship_and_one_to_one_are_told_apart()
    {
        var schema = Schema(
            [Table("public.a", Column("id", "int4")), Table("public.b", Column("a_id", "int4", isForeign: true, isNullable: true))],
            [Relation("public.b", "b_a_fkey", SchemaRelationshipKind.ForeignKey, "public.a", "a_id", "id", holdsKey: true), Relation("public.a", "one", SchemaRelationshipKind.Object, "public.b", "id", "a_id", holdsKey: false)]);

        Assert.Contains("t1 |o--o| t2 : \"one\"", MermaidSchema.Write(schema));
        Assert.Contains("t1 |o--o{ t2 : \"a_id\"", MermaidSchema.Write(schema with { Relationships = [schema.Relationships[0]] }));
    }

    [Fact]
    public void Names_that_act_elsewhere_are_text_in_every_format()
    {
        foreach (var text in HostileTexts.All)
        {
            var schema = Schema(
                [Table(text, Column(text, text, dependent: text)), Table("public.b", Column(text, text))],
                [Relation(text, text, SchemaRelationshipKind.Object, "public.b", text, text, holdsKey: true)], text);

            var html = SchemaReport.Write(schema, ReportFormat.Html, text, DateTimeOffset.UnixEpoch, "1.0.0");
            var body = html[html.IndexOf("<body>", StringComparison.Ordinal)..html.IndexOf("<script>", StringComparison.Ordinal)] + "</body>";
            var page = XDocument.Parse(body);
            var markdown = SchemaReport.Write(schema, ReportFormat.Markdown, text, DateTimeOffset.UnixEpoch, "1.0.0");
            var mermaid = MermaidSchema.Write(schema);

            Assert.DoesNotContain(page.Descendants(), e => e.Name.LocalName is "script" or "img" or "style" || e.Attributes().Any(a => a.Name.LocalName.StartsWith("on", StringComparison.Ordinal)));
            Assert.All(page.Descendants().Attributes("href"), a => Assert.StartsWith("#", a.Value));
            Assert.Equal(2, page.Descendants("details").Count(d => d.Attribute("class")?.Value == "card entity"));
            Assert.Equal(["```mermaid", "```"], markdown.Split('\n').Where(l => l.TrimStart().StartsWith("```", StringComparison.Ordinal)));
            Assert.Equal(1 + (2 * 3) + 1, mermaid.TrimEnd('\n').Split('\n').Length);
            Assert.DoesNotContain('\r', mermaid);
        }
    }

    [Fact]
    public void A_page_allows_nothing_but_its_own_style_and_script()
    {
        var html = SchemaReport.Write(Schema([Table("public.a")], []), ReportFormat.Html, "t", DateTimeOffset.UnixEpoch, "1.0.0");

        Assert.Matches("content=\"default-src 'none'; style-src 'sha256-[^' ]+' 'sha256-[^' ]+'; script-src 'sha256-[^' ]+'; base-uri 'none'; form-action 'none'\"", html);
        Assert.DoesNotContain("http:", html.Replace("http-equiv", ""));
        Assert.Contains("The metadata tracks no table.", SchemaReport.Write(Schema([], []), ReportFormat.Html, "t", DateTimeOffset.UnixEpoch, "1.0.0"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(60)]
    [InlineData(300)]
    public void No_box_covers_another(int count)
    {
        var random = new Random(count);
        for (var i = 0; i < 20; i++)
        {
            var boxes = Enumerable.Range(0, count).Select(_ => new SchemaBox(random.Next(130, 300), random.Next(28, 200))).ToList();
            var edges = Enumerable.Range(0, count).Select(_ => (random.Next(count), random.Next(random.Next(2) == 0 ? count : Math.Min(count, 4)))).Take(random.Next(count + 1)).ToList();

            var (width, height) = SchemaLayout.Place(boxes, edges);

            Assert.All(boxes, b => Assert.True(b.X >= 0 && b.Y >= -0.01 && b.X + b.Width <= width + 0.01 && b.Y + b.Height <= height + 0.01));
            for (var a = 0; a < count; a++)
            {
                for (var b = 0; b < a; b++)
                {
                    Assert.False(boxes[a].X < boxes[b].X + boxes[b].Width && boxes[b].X < boxes[a].X + boxes[a].Width && boxes[a].Y < boxes[b].Y + boxes[b].Height && boxes[b].Y < boxes[a].Y + boxes[a].Height);
                }
            }
        }
    }

    [Fact]
    public void What_refers_stands_right_of_what_it_refers_to_also_in_long_chains()
    {
        var boxes = Enumerable.Range(0, 3000).Select(_ => new SchemaBox(130, 28)).ToList();

        SchemaLayout.Place(boxes, Enumerable.Range(1, 2999).Select(i => (i, i - 1)));

        Assert.All(boxes.Zip(boxes.Skip(1)), p => Assert.True(p.First.X < p.Second.X));
    }

    private static HasuraSchema Schema(IReadOnlyList<SchemaTable> tables, IReadOnlyList<SchemaRelationship> relationships, string role = "user") =>
        new() { Origin = "/p", Tables = tables, Relationships = relationships, Roles = [role], IsComplete = true };

    private static SchemaTable Table(string name, params SchemaColumn[] columns) => new()
    {
        Source = "default",
        Name = name,
        Columns = columns,
        Dependents = [],
        Permissions = [.. columns.Take(1).Select(c => new SchemaPermission { Role = c.Dependents.FirstOrDefault()?.Name ?? "user", Operation = "select", Columns = [c.Name], Filter = c.Name })],
    };

    private static SchemaColumn Column(string name, string type, bool isPrimary = false, bool isForeign = false, bool isNullable = false, string? dependent = null) =>
        new() { Name = name, Type = type, IsNullable = isNullable, IsPrimaryKey = isPrimary, IsForeignKey = isForeign, Dependents = dependent is null ? [] : [new SchemaDependent("select permission", dependent, dependent)] };

    private static SchemaRelationship Relation(string table, string name, SchemaRelationshipKind kind, string target, string column, string targetColumn, bool holdsKey) =>
        new() { Source = "default", Table = table, Name = name, Kind = kind, TargetSource = "default", Target = target, Columns = [column], TargetColumns = [targetColumn], HoldsKey = holdsKey };
}
