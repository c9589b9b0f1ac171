namespace HasuraMigrations.Engine.Reports;

/// <summary>A line between two tables: all relationships over the same columns, in both directions.</summary>
/// <param name="Child">Number of the table whose columns refer to the other.</param>
/// <param name="Parent">Number of the other table.</param>
/// <param name="Columns">The columns of the child.</param>
internal sealed record SchemaEdge(int Child, int Parent, IReadOnlyList<string> Columns)
{
    /// <summary>Names of the relationships; empty for a foreign key that none uses.</summary>
    internal List<string> Labels { get; } = [];

    /// <summary>True where a row of the parent has at most one of the child.</summary>
    internal bool IsOneToOne { get; set; }

    /// <summary>True where a row of the child may have none of the parent, or nobody knows.</summary>
    internal bool IsOptional { get; init; }
}

/// <summary>Makes lines of relationships.</summary>
internal static class SchemaEdges
{
    internal static IReadOnlyList<SchemaEdge> Of(HasuraSchema schema)
    {
        var numbers = schema.Tables.Select((t, i) => (Key: (t.Source, t.Name), i)).ToDictionary(t => t.Key, t => t.i);
        var edges = new Dictionary<(int Child, int Parent, string Columns), SchemaEdge>();
        foreach (var relationship in schema.Relationships)
        {
            if (relationship.Target is null || !numbers.TryGetValue((relationship.Source, relationship.Table), out var own) || !numbers.TryGetValue((relationship.TargetSource, relationship.Target), out var target))
            {
                continue;
            }

            var (child, parent, columns) = relationship.HoldsKey ? (own, target, relationship.Columns) : (target, own, relationship.TargetColumns);
            var key = (child, parent, string.Join('\n', columns.Order(StringComparer.Ordinal)));
            if (!edges.TryGetValue(key, out var edge))
            {
                var known = schema.Tables[child].Columns.Where(c => columns.Contains(c.Name)).ToList();
                edges[key] = edge = new SchemaEdge(child, parent, columns) { IsOptional = known.Count == 0 || known.Exists(c => c.IsNullable != false) };
            }

            if (relationship.Kind != SchemaRelationshipKind.ForeignKey)
            {
                edge.Labels.Add(relationship.Name);
                edge.IsOneToOne |= relationship.Kind == SchemaRelationshipKind.Object && !relationship.HoldsKey;
            }
        }

        return [.. edges.Values];
    }
}
