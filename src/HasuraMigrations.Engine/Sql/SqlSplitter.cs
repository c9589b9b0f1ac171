namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// Cuts a text into statements where psql does: at semicolons outside quotes, comments, parentheses and routine bodies. Each
/// statement is classified before the next is read, since it may change how strings are read.
/// </summary>
internal sealed class SqlSplitter
{
    private readonly SqlScript _script;
    private readonly string _text;
    private readonly SqlStringRules _strings;
    private readonly bool _hasNul;
    private SqlRoutineBody _body;
    private int _pieceStart;
    private int _first;
    private int _last;
    private int _parentheses;
    private int _openParenthesis;
    private int _parameter;
    private int _metaCommand;
    private int _noCopyEndFrom = int.MaxValue;

    public SqlSplitter(SqlScript script)
    {
        _script = script;
        _text = script.Text;
        _strings = new(hasTransaction: !script.HasNoTransactionDirective);
        _hasNul = _text.Contains('\0');
        _body = new(_text);
        StartPiece(0);
    }

    public List<SqlPiece> Pieces { get; } = [];

    public List<SqlStatement> Statements { get; } = [];

    public SqlUnterminated? Unterminated { get; private set; }

    public void Run()
    {
        var lexer = NewLexer(0);
        while (true)
        {
            var token = lexer.Next();
            if (token.Kind is SqlTokenKind.End or SqlTokenKind.UnterminatedComment)
            {
                Finish(token);
                return;
            }
            if (EndsPiece(token))
            {
                EndPiece(token.End);
                lexer = NewLexer(_pieceStart);
            }
        }
    }

    private SqlLexer NewLexer(int at) => new(_text, at, _text.Length, _strings.AreStandard);

    /// <summary>Takes a token into the piece and tells whether the piece ends with it.</summary>
    private bool EndsPiece(SqlToken token)
    {
        if (token.Kind == SqlTokenKind.Semicolon && _parentheses == 0 && !_body.IsOpen)
        {
            return true;
        }
        _first = _first < 0 ? token.Start : _first;
        _last = token.End;
        _body.Follow(token, _parentheses);
        switch (token.Kind)
        {
            case SqlTokenKind.OpenParenthesis:
                _openParenthesis = _parentheses++ == 0 ? token.Start : _openParenthesis;
                break;
            case SqlTokenKind.CloseParenthesis:
                _parentheses = Math.Max(0, _parentheses - 1);
                break;
            case SqlTokenKind.Parameter:
                _parameter = _parameter < 0 ? token.Start : _parameter;
                break;
            case SqlTokenKind.MetaCommand:
                _metaCommand = _metaCommand < 0 ? token.Start : _metaCommand;
                return _first == token.Start;
        }
        if (!token.IsTerminated)
        {
            Unterminated = new(UnterminatedKind(token.Kind), token.Start);
        }
        return false;
    }

    private static SqlUnterminatedKind UnterminatedKind(SqlTokenKind kind) => kind switch
    {
        SqlTokenKind.QuotedIdentifier or SqlTokenKind.UnicodeIdentifier => SqlUnterminatedKind.QuotedIdentifier,
        SqlTokenKind.DollarString => SqlUnterminatedKind.DollarString,
        SqlTokenKind.UnterminatedComment => SqlUnterminatedKind.Comment,
        _ => SqlUnterminatedKind.String,
    };

    private void Finish(SqlToken token)
    {
        if (token.Kind == SqlTokenKind.UnterminatedComment)
        {
            Unterminated = new(SqlUnterminatedKind.Comment, token.Start);
        }
        if (_parentheses > 0)
        {
            Unterminated ??= new(SqlUnterminatedKind.Parenthesis, _openParenthesis);
        }
        if (_body.IsOpen)
        {
            Unterminated ??= new(SqlUnterminatedKind.RoutineBody, _body.Start);
        }
        if (_pieceStart < _text.Length)
        {
            EndPiece(_text.Length);
        }
    }

    private void EndPiece(int end)
    {
        if (_first < 0)
        {
            Pieces.Add(new(SqlPieceKind.Empty, _pieceStart, end - _pieceStart, null));
            StartPiece(end);
            return;
        }
        var facts = SqlClassifier.Classify(_text, _first, _last, _strings.AreStandard);
        var statement = NewStatement(facts);
        Statements.Add(statement);
        Pieces.Add(new(SqlPieceKind.Statement, _pieceStart, end - _pieceStart, statement));
        _strings.Follow(facts);
        StartPiece(end);
        if ((facts.Traits & SqlStatementTraits.CopyFromClient) != 0)
        {
            TakeCopyData();
        }
    }

    private SqlStatement NewStatement(SqlStatementFacts facts)
    {
        var parameter = _parameter < 0 || _body.TakesParameters ? default(int?) : _parameter;
        var metaCommand = _metaCommand < 0 ? default(int?) : _metaCommand;
        var nul = _hasNul ? _text.IndexOf('\0', _first, _last - _first) : -1;
        facts.Traits |= (parameter is null ? 0 : SqlStatementTraits.Parameter)
            | (metaCommand is null ? 0 : SqlStatementTraits.MetaCommand)
            | (nul < 0 ? 0 : SqlStatementTraits.Nul)
            | (Unterminated is null ? 0 : SqlStatementTraits.Unterminated);
        return new(_script, Statements.Count + 1, _first, _last - _first, facts)
        {
            ParameterIndex = parameter,
            MetaCommandIndex = metaCommand,
            NulIndex = nul < 0 ? null : nul,
        };
    }

    private void StartPiece(int at)
    {
        _pieceStart = at;
        (_first, _last, _parentheses, _openParenthesis, _parameter, _metaCommand) = (-1, -1, 0, -1, -1, -1);
        _body.Reset();
    }

    /// <summary>
    /// Lines behind COPY ... FROM STDIN are data up to a line with a backslash and a dot; without such a line they are taken
    /// for SQL, since data would have reached to the end of the text.
    /// </summary>
    private void TakeCopyData()
    {
        var line = SqlScanner.LineEnd(_text, _pieceStart, _text.Length);
        if (_pieceStart >= _noCopyEndFrom || !_text.AsSpan(_pieceStart, line - _pieceStart).IsWhiteSpace())
        {
            return;
        }
        for (var at = line; at < _text.Length;)
        {
            var start = _text.IndexOf("\\.", at, StringComparison.Ordinal);
            if (start < 0)
            {
                break;
            }
            at = SqlScanner.LineEnd(_text, start, _text.Length);
            if (_text[start - 1] is '\n' or '\r' && at == start + 2)
            {
                var end = at + (_text.AsSpan(at).StartsWith("\r\n") ? 2 : at < _text.Length ? 1 : 0);
                Pieces.Add(new(SqlPieceKind.CopyData, _pieceStart, end - _pieceStart, null));
                StartPiece(end);
                return;
            }
        }
        _noCopyEndFrom = _pieceStart;
    }
}
