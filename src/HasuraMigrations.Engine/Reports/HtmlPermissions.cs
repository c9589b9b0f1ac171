namespace HasuraMigrations.Engine.Reports;

/// <summary>Writes what roles may do: as a matrix of tables and roles, and for one table as a list.</summary>
internal static class HtmlPermissions
{
    private const int LongestTitle = 240;

    private static readonly string[] Operations = ["select", "insert", "update", "delete"];

    /// <summary>A row for each table, a column for each role; a letter for each operation, with the number of columns.</summary>
    internal static void WriteMatrix(HtmlText html, HasuraSchema schema)
    {
        HtmlReport.Heading(html, "permissions", "Permissions", 0);
        if (schema.Roles.Count == 0)
        {
            html.Element("p", "No role has a permission on a table.", ("class", "card")).Line();
            return;
        }

        html.Open("p", ("class", "muted legend")).Text("Select, Insert, Update, Delete, with the number of columns. ").Element("b", "S", ("class", "op")).Text(" all rows, ").Element("b", "S", ("class", "op some")).Text(" rows that fulfil a condition. Point at a letter for its columns and condition.").Close().Line();
        html.Open("div", ("class", "table matrix")).Open("table").Open("thead").Open("tr").Element("th", "Table");
        for (var i = 0; i < schema.Roles.Count; i++)
        {
            html.Element("th", schema.Roles[i], ("data-role", $"{i}"));
        }

        html.Close().Close().Line().Open("tbody").Line();
        for (var i = 0; i < schema.Tables.Count; i++)
        {
            var table = schema.Tables[i];
            var byRole = table.Permissions.ToLookup(p => p.Role, StringComparer.Ordinal);
            html.Open("tr", ("data-table", $"{i + 1}")).Open("th", ("scope", "row")).Element("a", SchemaDiagram.Label(schema, table), ("href", $"#t{i + 1}"), ("data-table", $"{i + 1}")).Close();
            for (var role = 0; role < schema.Roles.Count; role++)
            {
                html.Open("td", ("data-role", $"{role}"));
                foreach (var permission in byRole[schema.Roles[role]].OrderBy(p => Array.IndexOf(Operations, p.Operation)))
                {
                    WriteLetter(html, i, role, permission);
                }

                html.Close();
            }

            html.Close().Line();
        }

        HtmlReport.CloseTable(html);
    }

    /// <summary>The permissions on one table, role by role.</summary>
    internal static void WriteList(HtmlText html, HasuraSchema schema, SchemaTable table)
    {
        if (table.Permissions.Count == 0)
        {
            return;
        }

        html.Element("h3", "Permissions").Line();
        foreach (var role in table.Permissions.GroupBy(p => p.Role, StringComparer.Ordinal))
        {
            html.Open("div", ("class", "role"), ("data-role", $"{schema.Roles.ToList().IndexOf(role.Key)}")).Element("h4", role.Key).Open("dl");
            foreach (var permission in role.OrderBy(p => Array.IndexOf(Operations, p.Operation)))
            {
                html.Element("dt", permission.Operation).Open("dd");
                var isFirst = true;
                foreach (var (label, text) in Parts(permission))
                {
                    html.Open("div");
                    _ = label.Length > 0 ? html.Element("span", label, ("class", "muted")).Text(" ") : html;
                    html.Element(isFirst ? "span" : "code", text).Close();
                    isFirst = false;
                }

                html.Close();
            }

            html.Close().Close().Line();
        }
    }

    private static void WriteLetter(HtmlText html, int table, int role, SchemaPermission permission)
    {
        var title = string.Join("\n", Parts(permission).Select(p => $"{p.Label} {p.Text}".Trim()).Prepend($"{permission.Operation}, {permission.Role}:"));
        var count = permission.Operation == "delete" ? "" : permission.Columns is null ? "*" : Report.Number(permission.Columns.Count);
        html.Open("a", ("href", $"#t{table + 1}"), ("data-table", $"{table + 1}"), ("data-role", $"{role}"), ("class", permission.Filter is null && permission.Check is null ? "op" : "op some"), ("title", title.Length <= LongestTitle ? title : $"{title[..LongestTitle]}\u2026"));
        html.Text($"{char.ToUpperInvariant(permission.Operation[0])}");
        _ = count.Length > 0 ? html.Element("small", count) : html;
        html.Close().Text(" ");
    }

    private static IEnumerable<(string Label, string Text)> Parts(SchemaPermission permission)
    {
        var isDeletion = permission.Operation == "delete";
        yield return ("", isDeletion ? permission.Filter is null ? "all rows" : "rows that fulfil a condition" : permission.Columns is null ? "all columns" : permission.Columns.Count == 0 ? "no columns" : string.Join(", ", permission.Columns));
        if (permission.Filter is { } filter)
        {
            yield return ("rows", filter);
        }
        else if (permission.Operation is "select" or "update")
        {
            yield return ("rows", "all");
        }

        if (permission.Check is { } check)
        {
            yield return ("check", check);
        }

        if (permission.Presets.Count > 0)
        {
            yield return ("set", string.Join(", ", permission.Presets));
        }

        if (permission.Limit is { } limit)
        {
            yield return ("limit", limit);
        }

        if (permission.AllowsAggregations)
        {
            yield return ("also", "aggregations");
        }
    }
}
