using System.Data;
using System.Globalization;
using Npgsql;

namespace HasuraMigrations.Engine.Catalog;

/// <summary>Reads <see cref="CatalogTexts"/>.</summary>
internal static class CatalogTextsReader
{
    private const string NotSystem = "OPERATOR(pg_catalog.<>) ALL (ARRAY(SELECT s.oid FROM pg_catalog.pg_namespace s WHERE s.nspname OPERATOR(pg_catalog.~) '^pg_' OR s.nspname OPERATOR(pg_catalog.=) 'information_schema'))";

    // The types of functions with OUT arguments are in proallargtypes; pronargs counts those that a call gives.
    private const string Query = $"""
        SELECT 'table'::pg_catalog.text, d.objoid::pg_catalog.text, d.objsubid::pg_catalog.text, d.description
        FROM pg_catalog.pg_description d
        JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) d.objoid
        WHERE d.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid AND c.relnamespace {NotSystem}
        UNION ALL
        SELECT 'function'::pg_catalog.text, d.objoid::pg_catalog.text, '0'::pg_catalog.text, d.description
        FROM pg_catalog.pg_description d
        JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) d.objoid
        WHERE d.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid AND p.pronamespace {NotSystem}
        UNION ALL
        SELECT 'call'::pg_catalog.text, p.oid::pg_catalog.text, p.pronargs::pg_catalog.text, p.pronargdefaults::pg_catalog.text
        FROM pg_catalog.pg_proc p
        WHERE (p.pronargdefaults OPERATOR(pg_catalog.>) 0 OR p.proallargtypes IS NOT NULL) AND p.pronamespace {NotSystem}
        """;

    /// <summary>A catalog with them.</summary>
    internal static async Task<DatabaseCatalog> ReadAsync(NpgsqlConnection session, DatabaseCatalog catalog, CancellationToken cancellationToken)
    {
        await using var batch = new OwnBatch(session).Add(new NpgsqlBatchCommand(Query));
        await using var reader = await batch.ReadAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        var texts = new CatalogTexts();
        foreach (var row in await CatalogRead.ListAsync(reader, r => r, cancellationToken).ConfigureAwait(false))
        {
            var (oid, number, text) = (CatalogRead.Oid(row[1]), int.Parse(row[2]!, CultureInfo.InvariantCulture), row[3]!);
            switch (row[0])
            {
                case "table" when number == 0:
                    texts.Tables[oid] = text;
                    break;
                case "table":
                    texts.Columns[(oid, number)] = text;
                    break;
                case "function":
                    texts.Functions[oid] = text;
                    break;
                default:
                    texts.Calls[oid] = (number, int.Parse(text, CultureInfo.InvariantCulture));
                    break;
            }
        }

        return catalog.With(texts);
    }
}
