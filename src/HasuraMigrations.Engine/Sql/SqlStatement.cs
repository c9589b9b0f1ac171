using System.Text;

namespace HasuraMigrations.Engine.Sql;

/// <summary>One statement of a text, with what its tokens tell about it.</summary>
/// <remarks>It is made anew each time it is asked for; two of one script with the same ordinal are equal.</remarks>
public sealed class SqlStatement : IEquatable<SqlStatement>
{
    /// <summary>Bytes of UTF-8 that a server takes as one statement: a message has less than 1 GB (<c>PQ_LARGE_MESSAGE_LIMIT</c> of the server).</summary>
    public const int MaximumBytes = 0x3FFFFFFF - 1024;

    private const int BytesPerUnit = 3;

    private readonly SqlScript _script;
    private readonly SqlStatementFacts _facts;

    internal SqlStatement(SqlScript script, int ordinal, int start, int length, SqlStatementFacts facts)
    {
        _script = script;
        _facts = facts;
        Ordinal = ordinal;
        Start = start;
        Length = length;
    }

    /// <summary>Number of the statement in its text, from 1.</summary>
    public int Ordinal { get; }

    /// <summary>Index of the first character of its first token in the text.</summary>
    public int Start { get; }

    /// <summary>
    /// Length in UTF-16 units up to the end of its last token. The semicolon and comments before the first or behind the last
    /// token do not belong to it; everything between is unchanged.
    /// </summary>
    public int Length { get; }

    /// <summary>The text to send to a server. Each call makes a new string.</summary>
    public string Text => _script.Content.Substring(Start, Length);

    /// <summary>The text as it is in the file, with variables in place of their values.</summary>
    public string SourceText
    {
        get
        {
            var start = _script.SourceIndex(Start);
            return _script.Source.Substring(start, _script.SourceEnd(Start + Length) - start);
        }
    }

    /// <summary>What the classifier found out.</summary>
    internal SqlStatementFacts Facts => _facts;

    /// <summary>The first characters of the text.</summary>
    internal string Beginning(int characters) => _script.Content.Substring(Start, Math.Min(characters, Length));

    /// <summary>No server takes it: it has more than <see cref="MaximumBytes"/>.</summary>
    public bool IsTooLong => Length > MaximumBytes
        || (Length > MaximumBytes / BytesPerUnit && _script.Content.Parts(Start, Start + Length).Sum(part => (long)Encoding.UTF8.GetByteCount(part)) > MaximumBytes);

    /// <summary>Where its first token starts.</summary>
    public SqlPosition Position => _script.PositionOf(Start);

    /// <summary>The place right behind its last token.</summary>
    public SqlPosition End => _script.PositionOfEnd(Start + Length);

    /// <summary>What kind of statement it is.</summary>
    public SqlStatementClass Class => _facts.Class;

    /// <summary>What has to be known before it is sent.</summary>
    public SqlStatementTraits Traits => _facts.Traits;

    /// <summary>Starts or ends a transaction; savepoints do not.</summary>
    public bool IsTransactionControl => Has(SqlStatementTraits.TransactionControl);

    /// <summary>The server refuses it in a transaction block, whatever it finds.</summary>
    public bool CannotRunInTransaction => Has(SqlStatementTraits.NotInTransaction);

    /// <summary>CONCURRENTLY on an index or a partition, so that no lock_timeout may be set for it.</summary>
    public bool IsConcurrent => Has(SqlStatementTraits.Concurrent);

    /// <summary>The transaction modes of BEGIN, START TRANSACTION or SET TRANSACTION as written; null for other statements.</summary>
    public string? TransactionModes => _facts.TransactionModes;

    /// <summary>What CREATE INDEX, DROP INDEX or REINDEX names; null for other statements.</summary>
    public SqlIndexCommand? Index => _facts.Index;

    /// <summary>The value added by ALTER TYPE ... ADD VALUE; null for other statements.</summary>
    public SqlEnumValue? EnumValue => _facts.EnumValue;

    /// <summary>Settings changed by SET, RESET, DISCARD ALL, or by calls of set_config in a query, in the order written.</summary>
    public IReadOnlyList<SqlSetting> Settings => _facts.Settings ?? (IReadOnlyList<SqlSetting>)[];

    /// <summary>Objects that it makes and that can be looked up by name; temporary ones are not among them.</summary>
    public IReadOnlyList<SqlObject> Objects => Has(SqlStatementTraits.TemporaryObject) ? [] : _facts.Objects ?? (IReadOnlyList<SqlObject>)[];

    /// <summary>Index in the text of the first parameter that has the trait <see cref="SqlStatementTraits.Parameter"/>.</summary>
    public int? ParameterIndex { get; internal init; }

    /// <summary>Index in the text of the first psql command.</summary>
    public int? MetaCommandIndex { get; internal init; }

    /// <summary>Index in the text of the first NUL character.</summary>
    public int? NulIndex { get; internal init; }

    /// <summary>Whether it has all of the given traits.</summary>
    public bool Has(SqlStatementTraits traits) => (_facts.Traits & traits) == traits;

    /// <inheritdoc/>
    public bool Equals(SqlStatement? other) => other is not null && ReferenceEquals(_script, other._script) && Ordinal == other.Ordinal;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SqlStatement);

    /// <inheritdoc/>
    public override int GetHashCode() => Ordinal;

    /// <summary>Position, class and the first line of the text, for messages and debugging.</summary>
    public override string ToString()
    {
        var text = SourceText;
        var cut = text.AsSpan().IndexOfAny('\n', '\r');
        return $"{Position} {Class}: {text[..(cut < 0 ? text.Length : cut)]}";
    }
}
