using System.Text;

namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// A text of SQL for PostgreSQL (10 to 18), cut into statements the way psql cuts it, each with what its tokens tell. The
/// text is never changed; all indexes count UTF-16 units of it, from 0.
/// </summary>
public sealed class SqlScript
{
    /// <summary>The first line of a file that runs without a transaction.</summary>
    public const string NoTransactionDirective = "-- hasura:no-transaction";

    /// <summary>The line among the first comment lines of a file that has variables.</summary>
    public const string VariablesDirective = "-- hasura:variables";

    private const int DirectiveBytes = 256;

    private readonly Lazy<SqlPositionMap> _positions;
    private readonly Lazy<IReadOnlyList<SqlPiece>> _pieces;

    private SqlScript(SqlText text, SqlOrigin? origin)
    {
        (Content, Origin) = (text, origin);
        (HasVariables, VariablesLookalike) = SqlVariableSyntax.FindDirective(text);
        HasNoTransactionDirective = FindDirective(text.Substring(0, Math.Min(text.Length, DirectiveBytes)));
        _positions = new(() => new(Source));
        _pieces = new(CutPieces);
        var statements = new SqlStatementList(this);
        Unterminated = new SqlSplitter(this, statements, null).Run();
        Statements = statements;
        TransactionControl = statements.Where(statement => statement.IsTransactionControl).ToList();
    }

    /// <summary>The text; where values were put in place of variables, the text with the values.</summary>
    public SqlText Content { get; }

    /// <summary>The text as it is in the file. Lines and columns are those of this text.</summary>
    public SqlText Source => Origin?.Source ?? Content;

    /// <summary>Where values were put in place of variables; null where none were.</summary>
    internal SqlOrigin? Origin { get; }

    /// <summary>The whole text as one string.</summary>
    /// <exception cref="OutOfMemoryException">It is longer than a string can be.</exception>
    public string Text => Content.ToString();

    /// <summary>All parts of the text; joined, they are the text.</summary>
    public IReadOnlyList<SqlPiece> Pieces => _pieces.Value;

    /// <summary>The statements, in order. Commands of psql are among them.</summary>
    public IReadOnlyList<SqlStatement> Statements { get; }

    /// <summary>What is open at the end of the text; null where nothing is.</summary>
    public SqlUnterminated? Unterminated { get; }

    /// <summary>
    /// The first line, without white space around it, is exactly <c>-- hasura:no-transaction</c>; only the first 256 bytes
    /// are looked at. The rule is that of Hasura's CLI.
    /// </summary>
    public bool HasNoTransactionDirective { get; }

    /// <summary>One of the first lines, of which each is empty or a comment, is <c>-- hasura:variables</c>.</summary>
    public bool HasVariables { get; }

    /// <summary>Index of a line among the first ones that is like <c>-- hasura:variables</c>, but is not; null for none.</summary>
    internal int? VariablesLookalike { get; }

    /// <summary>There is no statement, only white space, comments, and semicolons; also true for the empty text.</summary>
    public bool IsCommentOnly => Statements.Count == 0;

    /// <summary>Statements that start or end a transaction. Savepoints are not among them.</summary>
    public IReadOnlyList<SqlStatement> TransactionControl { get; }

    /// <summary>Cuts a text. Any text is taken; what is wrong with it shows in the traits of its statements.</summary>
    /// <param name="text">Text without a byte order mark.</param>
    public static SqlScript Parse(string text) => Parse(SqlText.Of(text));

    /// <summary>Cuts a text. Any text is taken; what is wrong with it shows in the traits of its statements.</summary>
    /// <param name="text">Text without a byte order mark.</param>
    public static SqlScript Parse(SqlText text) => Parse(text, null);

    /// <summary>Cuts a text in which values stand in place of variables.</summary>
    internal static SqlScript Parse(SqlText text, SqlOrigin? origin)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text, origin);
    }

    /// <summary>Line and column, in the file, of a place in the text.</summary>
    /// <param name="index">Index in the text; its length is the place behind the last character. The second
    /// half of a surrogate pair is the place of the pair.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is not in the text.</exception>
    public SqlPosition PositionOf(int index) => _positions.Value.PositionOf(SourceIndex(index));

    /// <summary>Line and column, in the file, of the place behind something in the text.</summary>
    internal SqlPosition PositionOfEnd(int end) => _positions.Value.PositionOf(SourceEnd(end));

    /// <summary>The index in <see cref="Source"/> of a place in the text.</summary>
    internal int SourceIndex(int index) => Origin?.SourceIndex(index) ?? index;

    /// <summary>The index in <see cref="Source"/> of the place behind something in the text.</summary>
    internal int SourceEnd(int end) => Origin?.SourceEnd(end) ?? end;

    /// <summary>The line of the file of a place in the text, without its line end.</summary>
    /// <param name="index">Index in the text.</param>
    public string LineOf(int index)
    {
        var start = _positions.Value.LineStart(SourceIndex(index));
        var line = new StringBuilder();
        foreach (var part in Source.Parts(start))
        {
            var end = part.AsSpan().IndexOfAny('\n', '\r');
            line.Append(part, 0, end < 0 ? part.Length : end);
            if (end >= 0)
            {
                break;
            }
        }

        return line.ToString();
    }

    /// <summary>The place in the text that a server means by the position in its error message.</summary>
    /// <param name="statement">The statement that was sent as its <see cref="SqlStatement.Text"/>.</param>
    /// <param name="position">
    /// Position from the server: code points from 1. 0 or less means that it gave none, and gives the statement's start;
    /// what lies behind the statement gives its end.
    /// </param>
    public int IndexOfServerPosition(SqlStatement statement, int position)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var text = statement.Text;
        var at = 0;
        for (var left = position - 1; left > 0 && at < text.Length; left--)
        {
            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
        }
        return statement.Start + at;
    }

    private List<SqlPiece> CutPieces()
    {
        var pieces = new List<SqlPiece>();
        new SqlSplitter(this, new SqlStatementList(this), pieces).Run();
        return pieces;
    }

    private static bool FindDirective(string text)
    {
        var head = Encoding.UTF8.GetBytes(text, 0, Math.Min(text.Length, DirectiveBytes)).AsSpan();
        head = head[..Math.Min(head.Length, DirectiveBytes)];
        var line = head.IndexOf((byte)'\n');
        return Encoding.UTF8.GetString(line < 0 ? head : head[..line]).Trim() == NoTransactionDirective;
    }
}
