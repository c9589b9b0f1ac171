namespace HasuraMigrations.Engine.Reports;

/// <summary>Draws tables and the lines between them as SVG. Each table is a link to its details.</summary>
internal static class SchemaDiagram
{
    private const double Row = 19;
    private const double Head = 28;
    private const double Letter = 7.3;
    private const double Narrowest = 130;
    private const int LongestText = 40;
    private const int Margin = 16;

    internal static void Write(HtmlText html, HasuraSchema schema)
    {
        var shown = schema.Tables.Select(t => Rows(t, schema.Tables.Count)).ToList();
        var boxes = schema.Tables.Select((t, i) => Box(Label(schema, t), shown[i])).ToList();
        var edges = SchemaEdges.Of(schema);
        var (width, height) = SchemaLayout.Place(boxes, edges.Select(e => (e.Child, e.Parent)));
        var (w, h) = (HtmlText.Number(width + (2 * Margin)), HtmlText.Number(height + (2 * Margin)));
        html.Open("svg", ("id", "er"), ("width", w), ("height", h), ("viewBox", $"{-Margin} {-Margin} {w} {h}"), ("role", "group"), ("aria-label", "Tables and relationships")).Line();
        foreach (var edge in edges)
        {
            WriteEdge(html, schema, edge, boxes, shown);
        }

        for (var i = 0; i < boxes.Count; i++)
        {
            WriteTable(html, schema, i, boxes[i], shown[i]);
        }

        html.Close().Line();
    }

    /// <summary>A name that tells the table apart and is no longer than it has to be.</summary>
    internal static string Label(HasuraSchema schema, SchemaTable table)
    {
        var name = table.Name.StartsWith("public.", StringComparison.Ordinal) ? table.Name["public.".Length..] : table.Name;
        return schema.Tables.Count(t => t.Name == table.Name) == 1 ? name : $"{table.Source}: {name}";
    }

    // Of many tables fewer columns are shown, and first the keys.
    private static (List<SchemaColumn> Columns, int More) Rows(SchemaTable table, int count)
    {
        var most = count <= 40 ? 14 : count <= 120 ? 6 : 0;
        var wanted = table.Columns.Where(c => count <= 40 || c.IsPrimaryKey || c.IsForeignKey).ToList();
        var columns = wanted.Count <= most ? wanted : wanted.OrderBy(c => c.IsPrimaryKey ? 0 : c.IsForeignKey ? 1 : 2).Take(most).ToList();
        return (columns, table.Columns.Count - columns.Count);
    }

    private static SchemaBox Box(string label, (List<SchemaColumn> Columns, int More) rows)
    {
        var longest = rows.Columns.Select(c => Short(c.Name).Length + (c.Type is null ? 0 : Math.Min(c.Type.Length, 18) + 2) + (c.IsPrimaryKey || c.IsForeignKey ? 4 : 0)).Append(Short(label).Length).Max();
        return new SchemaBox(Math.Max(Narrowest, (longest * Letter) + 28), Head + (Row * (rows.Columns.Count + (rows.More > 0 ? 1 : 0))) + (rows.Columns.Count + rows.More > 0 ? 6 : 0));
    }

    private static void WriteTable(HtmlText html, HasuraSchema schema, int number, SchemaBox box, (List<SchemaColumn> Columns, int More) rows)
    {
        var table = schema.Tables[number];
        var roles = string.Join(' ', table.Permissions.Select(p => p.Role).Distinct().Select(r => schema.Roles.ToList().IndexOf(r)));
        html.Open("a", ("href", $"#t{number + 1}"), ("class", "box"), ("data-table", $"{number + 1}"), ("data-roles", roles), ("transform", $"translate({HtmlText.Number(box.X)} {HtmlText.Number(box.Y)})"));
        html.Element("title", $"{table.Source}: {table.Name}");
        html.Void("rect", ("class", "frame"), ("width", HtmlText.Number(box.Width)), ("height", HtmlText.Number(box.Height)), ("rx", "6"));
        html.Void("path", ("class", "head"), ("d", $"M0 {Head}V6a6 6 0 0 1 6 -6H{HtmlText.Number(box.Width - 6)}a6 6 0 0 1 6 6V{Head}z"));
        html.Element("text", Short(Label(schema, table)), ("class", "name"), ("x", "10"), ("y", "19"));
        var y = Head + 17;
        foreach (var column in rows.Columns)
        {
            var key = column.IsPrimaryKey ? "PK" : column.IsForeignKey ? "FK" : "";
            html.Element("text", Short(column.Name), ("x", "10"), ("y", HtmlText.Number(y)), ("class", column.IsPrimaryKey ? "key" : "column"));
            html.Element("text", $"{Shorter(column.Type ?? "", 18)}{(key.Length > 0 ? $"  {key}" : "")}", ("x", HtmlText.Number(box.Width - 10)), ("y", HtmlText.Number(y)), ("class", "type"));
            y += Row;
        }

        if (rows.More > 0)
        {
            html.Element("text", $"{(rows.Columns.Count > 0 ? "+ " : "")}{Report.Number(rows.More)} {(rows.More == 1 ? "column" : "columns")}", ("x", "10"), ("y", HtmlText.Number(y)), ("class", "rest"));
        }

        html.Close().Line();
    }

    private static void WriteEdge(HtmlText html, HasuraSchema schema, SchemaEdge edge, List<SchemaBox> boxes, List<(List<SchemaColumn> Columns, int More)> shown)
    {
        var (child, parent) = (boxes[edge.Child], boxes[edge.Parent]);
        var row = shown[edge.Child].Columns.FindIndex(c => edge.Columns.Contains(c.Name));
        var fromY = child.Y + (row < 0 ? Head / 2 : Head + 12 + (row * Row));
        var toY = parent.Y + (Head / 2);
        var isLeft = child.X > parent.X + parent.Width - 1;
        var isSame = !isLeft && parent.X < child.X + child.Width;
        // Tables above each other are joined on their left; a table with itself, on its right.
        var (fromX, fromSide) = isLeft || (isSame && edge.Child != edge.Parent) ? (child.X, -1.0) : (child.X + child.Width, 1.0);
        var (toX, toSide) = isLeft ? (parent.X + parent.Width, 1.0) : isSame && edge.Child == edge.Parent ? (parent.X + parent.Width, 1.0) : (parent.X, -1.0);
        var bend = Math.Clamp(Math.Abs(toX - fromX) / 2, 30, 140);
        string N(double number) => HtmlText.Number(number);
        var path = $"M{N(fromX)} {N(fromY)}C{N(fromX + (fromSide * bend))} {N(fromY)} {N(toX + (toSide * bend))} {N(toY)} {N(toX)} {N(toY)}";
        var many = edge.IsOneToOne
            ? $"M{N(fromX + (fromSide * 7))} {N(fromY - 5)}v10"
            : $"M{N(fromX)} {N(fromY - 5)}L{N(fromX + (fromSide * 10))} {N(fromY)}L{N(fromX)} {N(fromY + 5)}";
        var one = $"M{N(toX + (toSide * 7))} {N(toY - 5)}v10";
        var names = edge.Labels.Count == 0 ? "foreign key without a relationship" : string.Join(" / ", edge.Labels);
        html.Open("g", ("class", edge.Labels.Count == 0 ? "edge bare" : "edge"), ("data-child", $"{edge.Child + 1}"), ("data-parent", $"{edge.Parent + 1}"));
        html.Element("title", $"{schema.Tables[edge.Child].Name} ({string.Join(", ", edge.Columns)}) to {schema.Tables[edge.Parent].Name}: {names}");
        html.Void("path", ("class", "hit"), ("d", path)).Void("path", ("class", "line"), ("d", path)).Void("path", ("class", "end"), ("d", many + one)).Close().Line();
    }

    private static string Short(string text) => Shorter(text, LongestText);

    private static string Shorter(string text, int most) => text.Length <= most ? text : $"{text[..(most - 1)]}\u2026";
}
