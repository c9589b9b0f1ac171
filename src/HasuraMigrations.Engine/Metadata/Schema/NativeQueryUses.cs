using HasuraMigrations.Engine.Catalog;
using HasuraMigrations.Engine.Json;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Sql;

namespace HasuraMigrations.Engine.Metadata.Schema;

/// <summary>
/// What the SQL of native queries uses, as dependencies. The database tells the tables and views; which of their columns, and which
/// functions, the words of the SQL tell: rather too much than too little.
/// </summary>
internal static class NativeQueryUses
{
    /// <summary>Reads them.</summary>
    /// <param name="state">The document and its databases.</param>
    internal static IEnumerable<Dependency> Read(MetadataState state)
    {
        foreach (var (source, node) in MetadataTree.SourcesOf(state.Root))
        {
            if (state.Facts.GetValueOrDefault(source)?.Catalog is not { } catalog)
            {
                continue;
            }

            foreach (var query in node["native_queries"].AsObjects())
            {
                if (NativeQueryText.Of(query, node) is { } text && catalog.FindTrial(text) is { Error: null } trial)
                {
                    var id = NativeQueryRules.IdOf(source, query["root_field_name"].AsText() ?? "");
                    foreach (var target in Targets(source, catalog, trial, Words.Of(query["code"].AsText() ?? "")).Distinct())
                    {
                        yield return new Dependency(id, target, DependencyKind.Query, null);
                    }
                }
            }
        }
    }

    private static IEnumerable<ObjectId> Targets(string source, DatabaseCatalog catalog, QueryTrial trial, Words words)
    {
        // The transaction may have used other tables, too.
        foreach (var table in trial.Relations.Where(r => words.Names.Contains(r.Name)).Select(r => catalog.FindTable(r.Schema, r.Name)).OfType<CatalogTable>())
        {
            var name = new QualifiedName(table.Name.Schema, table.Name.Name);
            var columns = table.Columns.Where(c => words.HasStar || words.Names.Contains(c.Name)).Select(c => ObjectId.OfColumn(source, name, c.Name)).ToList();
            foreach (var target in columns.Count == 0 ? [ObjectId.OfTable(source, name)] : columns)
            {
                yield return target;
            }
        }

        // Without a schema, that of the path is meant, which is public as a rule.
        foreach (var function in catalog.Facts.Functions.Select(f => f.Name).Where(f => words.Calls.Contains((f.Schema, f.Name)) || words.Calls.Contains(("", f.Name))))
        {
            yield return ObjectId.OfFunction(source, new QualifiedName(function.Schema, function.Name));
        }
    }

    private sealed class Words
    {
        internal HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        internal HashSet<(string Schema, string Name)> Calls { get; } = [];

        internal bool HasStar { get; private set; }

        internal static Words Of(string code)
        {
            var words = new Words();
            var lexer = new SqlLexer(code, 0, code.Length, standardConformingStrings: true);
            string? name = null;
            var (schema, isQualified) = ("", false);
            for (var token = lexer.Next(); token.Kind != SqlTokenKind.End; token = lexer.Next())
            {
                switch (token.Kind)
                {
                    case SqlTokenKind.Word or SqlTokenKind.QuotedIdentifier or SqlTokenKind.UnicodeIdentifier when token.IsTerminated:
                        schema = isQualified ? name ?? "" : "";
                        name = SqlLiterals.Identifier(code, token);
                        words.Names.Add(name);
                        isQualified = false;
                        continue;
                    case SqlTokenKind.Dot:
                        isQualified = true;
                        continue;
                    case SqlTokenKind.OpenParenthesis when name is not null:
                        words.Calls.Add((schema, name));
                        break;
                    case SqlTokenKind.Operator:
                        words.HasStar |= code.AsSpan(token.Start, token.Length).SequenceEqual("*");
                        break;
                }

                (name, isQualified) = (null, false);
            }

            return words;
        }
    }
}
