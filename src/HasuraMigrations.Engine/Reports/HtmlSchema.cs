namespace HasuraMigrations.Engine.Reports;

/// <summary>
/// Writes one page of HTML with the diagram of a schema, the permissions of each role, and each table with what depends on it. All of it can be
/// read without the script, which adds moving, filters and the panel beside the diagram.
/// </summary>
internal static class HtmlSchema
{
    private static readonly string Style = HtmlPage.Resource("report.css");
    private static readonly string OwnStyle = HtmlPage.Resource("schema.css");
    private static readonly string Script = HtmlPage.Resource("schema.js");

    internal static string Write(HasuraSchema schema, string title, DateTimeOffset createdAt, string toolVersion)
    {
        schema = PrintableSchema.Of(schema);
        using var html = new HtmlText();
        html.Open("html", ("lang", "en")).Line();
        HtmlPage.WriteHead(html, title, Script, Style, OwnStyle);
        html.Open("body").Line().Open("main", ("class", "schema")).Line();
        WriteSummary(html, schema, title, createdAt, toolVersion);
        if (schema.Tables.Count > 0)
        {
            WriteDiagram(html, schema);
            HtmlPermissions.WriteMatrix(html, schema);
            HtmlReport.Heading(html, "tables", "Tables", schema.Tables.Count);
            for (var i = 0; i < schema.Tables.Count; i++)
            {
                WriteTable(html, schema, i);
            }
        }

        html.Close().Line().Own("script", Script).Line().Close().Line().Close();
        return html + "\n";
    }

    private static void WriteSummary(HtmlText html, HasuraSchema schema, string title, DateTimeOffset createdAt, string toolVersion)
    {
        html.Open("header").Element("h1", title).Close().Line();
        html.Element("p", $"Made {Report.Moment(createdAt)} by HasuraMigrations {toolVersion}. {(schema.IsComplete ? "Columns and keys are those of the database." : "No database was read: columns are those that the metadata mentions.")}", ("class", "muted")).Line();
        html.Open("nav").Line();
        foreach (var (target, label) in schema.Tables.Count == 0 ? [] : new[] { ("diagram", "Diagram"), ("permissions", "Permissions"), ("tables", "Tables") })
        {
            html.Element("a", label, ("href", $"#{target}")).Line();
        }

        html.Close().Line();
        if (schema.Tables.Count == 0)
        {
            html.Element("p", "The metadata tracks no table.", ("class", "card")).Line();
            return;
        }

        // The script shows it.
        html.Open("div", ("class", "filter bar"), ("id", "filters"), ("hidden", "hidden"));
        html.Void("input", ("id", "filter"), ("type", "search"), ("placeholder", "table or column"), ("aria-label", "Show only tables with"));
        html.Open("select", ("id", "role"), ("aria-label", "Role")).Element("option", "all roles", ("value", ""));
        for (var i = 0; i < schema.Roles.Count; i++)
        {
            html.Element("option", schema.Roles[i], ("value", $"{i}"));
        }

        html.Close().Element("span", "", ("id", "shown"), ("class", "muted"), ("aria-live", "polite")).Close().Line();
    }

    private static void WriteDiagram(HtmlText html, HasuraSchema schema)
    {
        HtmlReport.Heading(html, "diagram", "Diagram", 0);
        html.Open("div", ("class", "drawing")).Open("div", ("class", "card canvas"), ("id", "canvas")).Line();
        html.Open("div", ("class", "tools"), ("hidden", "hidden")).Element("button", "+", ("data-zoom", "0.8"), ("title", "Larger")).Element("button", "\u2212", ("data-zoom", "1.25"), ("title", "Smaller")).Element("button", "All", ("data-zoom", "0"), ("title", "Show all")).Close().Line();
        SchemaDiagram.Write(html, schema);
        html.Close().Open("aside", ("class", "card"), ("id", "panel"), ("hidden", "hidden")).Close().Close().Line();
        html.Element("p", "A line leads from the columns that refer (the fork) to the table they refer to (the bar). Dashed: a foreign key that no relationship uses. Select a table for its columns, permissions and dependents.", ("class", "muted legend")).Line();
    }

    private static void WriteTable(HtmlText html, HasuraSchema schema, int number)
    {
        var table = schema.Tables[number];
        html.Open("details", ("class", "card entity"), ("id", $"t{number + 1}"), ("data-table", $"{number + 1}"));
        html.Open("summary").Element("b", SchemaDiagram.Label(schema, table)).Element("span", Facts(table), ("class", "muted")).Close();
        html.Open("div", ("class", "body")).Line();
        if (table.File is not null)
        {
            var file = ReportRoot.Relative(schema.Origin, table.File);
            html.Open("p", ("class", "muted")).Element("code", table.Line is null ? file : $"{file}:{table.Line}").Close();
        }

        WriteDependents(html, "Dependents of the table", table.Dependents);
        WriteColumns(html, table);
        WriteRelationships(html, schema, table);
        HtmlPermissions.WriteList(html, schema, table);
        html.Close().Close().Line();
    }

    private static string Facts(SchemaTable table)
    {
        var roles = table.Permissions.Select(p => p.Role).Distinct().Count();
        return string.Join(", ", new[] { table.Columns.Count == 0 ? "" : Count(table.Columns.Count, "column"), roles == 0 ? "" : Count(roles, "role"), table.IsEnum ? "enum" : "" }.Where(f => f.Length > 0));
    }

    private static string Count(int count, string noun) => $"{Report.Number(count)} {noun}{(count == 1 ? "" : "s")}";

    private static void WriteColumns(HtmlText html, SchemaTable table)
    {
        if (table.Columns.Count == 0)
        {
            return;
        }

        html.Element("h3", "Columns").Open("ul", ("class", "columns")).Line();
        foreach (var column in table.Columns)
        {
            html.Open("li");
            var facts = string.Join(", ", new[] { column.Type ?? "", column.IsNullable == false ? "not null" : "", column.IsPrimaryKey ? "primary key" : "", column.IsForeignKey ? "refers" : "" }.Where(f => f.Length > 0));
            if (column.Dependents.Count == 0)
            {
                html.Element("code", column.Name).Text(" ").Element("span", facts, ("class", "muted")).Close().Line();
                continue;
            }

            html.Open("details").Open("summary").Element("code", column.Name).Text(" ").Element("span", facts, ("class", "muted")).Element("span", Count(column.Dependents.Count, "dependent"), ("class", "count")).Close();
            WriteList(html, column.Dependents);
            html.Close().Close().Line();
        }

        html.Close().Line();
    }

    private static void WriteDependents(HtmlText html, string heading, IReadOnlyList<SchemaDependent> dependents)
    {
        if (dependents.Count > 0)
        {
            html.Open("details", ("class", "dependents")).Open("summary").Text(heading).Element("span", Report.Number(dependents.Count), ("class", "count")).Close();
            WriteList(html, dependents);
            html.Close().Line();
        }
    }

    private static void WriteList(HtmlText html, IReadOnlyList<SchemaDependent> dependents)
    {
        html.Open("ul");
        // The permissions of many roles are often the same.
        foreach (var alike in dependents.GroupBy(d => d.Role is null ? (d.Name, "", "") : (d.Kind, d.Parent ?? "", d.Use)))
        {
            var first = alike.First();
            html.Open("li").Text(first.Role is null ? first.Name : $"{first.Kind} of {first.Parent}: {string.Join(", ", alike.Select(d => d.Role))}").Text(" ").Element("span", first.Use, ("class", "muted")).Close();
        }

        html.Close();
    }

    private static void WriteRelationships(HtmlText html, HasuraSchema schema, SchemaTable table)
    {
        var own = schema.Relationships.Where(r => r.Source == table.Source && r.Table == table.Name).ToList();
        if (own.Count == 0)
        {
            return;
        }

        html.Element("h3", "Relationships").Open("ul", ("class", "columns")).Line();
        foreach (var relationship in own)
        {
            html.Open("li").Element("code", relationship.Name).Text(relationship.Kind switch
            {
                SchemaRelationshipKind.Object => " to one row of ",
                SchemaRelationshipKind.Array => " to rows of ",
                _ => " (foreign key) to ",
            });
            var target = schema.Tables.ToList().FindIndex(t => t.Source == relationship.TargetSource && t.Name == relationship.Target);
            var name = relationship.Target is null ? "a table that only the database knows" : relationship.TargetSource == table.Source ? relationship.Target : $"{relationship.TargetSource}: {relationship.Target}";
            _ = target < 0 ? html.Text(name) : html.Element("a", name, ("href", $"#t{target + 1}"), ("data-table", $"{target + 1}"));
            var columns = relationship.Columns.Count > 0 ? relationship.Columns : relationship.TargetColumns;
            html.Text(" ").Element("span", columns.Count == 0 ? "" : $"over {string.Join(", ", columns)}", ("class", "muted")).Close().Line();
        }

        html.Close().Line();
    }
}
