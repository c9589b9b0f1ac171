namespace HasuraMigrations.Engine.Reports;

/// <summary>A schema all of whose texts can be shown on one line: names in a database may hold anything.</summary>
internal static class PrintableSchema
{
    internal static HasuraSchema Of(HasuraSchema schema) => schema with
    {
        Roles = Texts(schema.Roles),
        Tables = [.. schema.Tables.Select(Of)],
        Relationships = [.. schema.Relationships.Select(r => r with
        {
            Source = Printable.Of(r.Source),
            Table = Printable.Of(r.Table),
            Name = Printable.Of(r.Name),
            TargetSource = Printable.Of(r.TargetSource),
            Target = r.Target is null ? null : Printable.Of(r.Target),
            Columns = Texts(r.Columns),
            TargetColumns = Texts(r.TargetColumns),
        })],
    };

    private static SchemaTable Of(SchemaTable table) => table with
    {
        Source = Printable.Of(table.Source),
        Name = Printable.Of(table.Name),
        File = table.File is null ? null : Printable.Of(table.File),
        Columns = [.. table.Columns.Select(c => c with { Name = Printable.Of(c.Name), Type = c.Type is null ? null : Printable.Of(c.Type), Dependents = Of(c.Dependents) })],
        Dependents = Of(table.Dependents),
        Permissions = [.. table.Permissions.Select(p => p with
        {
            Role = Printable.Of(p.Role),
            Columns = p.Columns is null ? null : Texts(p.Columns),
            Filter = p.Filter is null ? null : Printable.Of(p.Filter),
            Check = p.Check is null ? null : Printable.Of(p.Check),
            Presets = Texts(p.Presets),
        })],
    };

    private static IReadOnlyList<SchemaDependent> Of(IReadOnlyList<SchemaDependent> dependents) =>
        [.. dependents.Select(d => d with { Kind = Printable.Of(d.Kind), Name = Printable.Of(d.Name), Use = Printable.Of(d.Use), Role = d.Role is null ? null : Printable.Of(d.Role), Parent = d.Parent is null ? null : Printable.Of(d.Parent) })];

    private static IReadOnlyList<string> Texts(IReadOnlyList<string> texts) => [.. texts.Select(t => Printable.Of(t))];
}
