namespace HasuraMigrations.Engine.Sql;

/// <summary>
/// Cuts a text into statements where psql does: at semicolons outside quotes, comments, parentheses and routine bodies. Each
/// statement is classified before the next is read, since it may change how strings are read.
/// </summary>
/// <remarks>
/// A long text is read in windows. What ends with a window may go on behind it, so the piece it is in is read again in a
/// larger one. Indexes are those of the window, but for what is handed out.
/// </remarks>
internal sealed class SqlSplitter
{
    private const int FirstWindow = 1 << 15;

    private readonly SqlText _content;
    private readonly SqlStatementList _statements;
    private readonly List<SqlPiece>? _pieces;
    private readonly SqlStringRules _strings;
    private string _text = "";
    private int _offset;
    private bool _hasNul;
    private SqlRoutineBody _body = new();
    private int _pieceStart;
    private int _first;
    private int _last;
    private int _parentheses;
    private int _openParenthesis;
    private int _parameter;
    private int _metaCommand;
    private int _noCopyEndFrom = int.MaxValue;
    private SqlUnterminated? _unterminated;

    /// <param name="script">The script whose text is cut.</param>
    /// <param name="statements">Takes the statements.</param>
    /// <param name="pieces">Takes the pieces; null where nobody wants them.</param>
    public SqlSplitter(SqlScript script, SqlStatementList statements, List<SqlPiece>? pieces)
    {
        (_content, _statements, _pieces) = (script.Content, statements, pieces);
        _strings = new(hasTransaction: !script.HasNoTransactionDirective);
        Open(0, _content.IsLong ? FirstWindow : _content.Length);
    }

    private bool IsLastWindow => _offset + _text.Length == _content.Length;

    /// <summary>Cuts the text; returns what is open at its end.</summary>
    public SqlUnterminated? Run()
    {
        var lexer = NewLexer(0);
        while (true)
        {
            var token = lexer.Next();
            if (token.End == _text.Length && !IsLastWindow)
            {
                if (_text.Length - _pieceStart > SqlStatement.MaximumBytes)
                {
                    TakeRest();
                    return _unterminated;
                }
                Grow();
                lexer = NewLexer(0);
                continue;
            }
            if (token.Kind is SqlTokenKind.End or SqlTokenKind.UnterminatedComment)
            {
                Finish(token);
                return _unterminated;
            }
            if (EndsPiece(token))
            {
                EndPiece(token.End);
                lexer = NewLexer(_pieceStart);
            }
        }
    }

    /// <summary>No server takes what does not end here, and no string holds it: all that is left counts as one statement.</summary>
    private void TakeRest()
    {
        var start = _offset + Math.Max(_first, _pieceStart);
        var facts = new SqlStatementFacts { Class = SqlStatementClass.Other };
        var statement = _statements.Add(start, _content.Length - start, facts, default);
        _pieces?.Add(new(SqlPieceKind.Statement, _offset + _pieceStart, _content.Length - _offset - _pieceStart, statement));
    }

    private void Open(int offset, int length)
    {
        _offset = offset;
        _text = _content.IsLong ? _content.Substring(offset, Math.Min(length, _content.Length - offset)) : _content.ToString();
        _hasNul = _text.Contains('\0');
        StartPiece(0);
    }

    /// <summary>Reads on from the start of the piece; a piece that fills the window gets one of twice the length.</summary>
    private void Grow()
    {
        var length = Math.Max(FirstWindow, (int)Math.Min(2L * (_text.Length - _pieceStart), SqlStatement.MaximumBytes + 1));
        var at = _offset + _pieceStart;
        _text = "";
        Open(at, length);
    }

    private SqlLexer NewLexer(int at) => new(_text, at, _text.Length, _strings.AreStandard);

    /// <summary>Takes a token into the piece and tells whether the piece ends with it.</summary>
    private bool EndsPiece(SqlToken token)
    {
        // psql does not cut inside parentheses: CREATE RULE ... DO (a; b) is one statement (PostgreSQL manual, CREATE RULE).
        if (token.Kind == SqlTokenKind.Semicolon && _parentheses == 0 && !_body.IsOpen)
        {
            return true;
        }
        _first = _first < 0 ? token.Start : _first;
        _last = token.End;
        _body.Follow(_text, token, _parentheses);
        switch (token.Kind)
        {
            case SqlTokenKind.OpenParenthesis:
                _openParenthesis = _parentheses++ == 0 ? token.Start : _openParenthesis;
                break;
            case SqlTokenKind.CloseParenthesis:
                // As psql: a surplus ')' must not keep later semicolons from ending statements. The server reports it.
                _parentheses = Math.Max(0, _parentheses - 1);
                break;
            case SqlTokenKind.Parameter:
                _parameter = _parameter < 0 ? token.Start : _parameter;
                break;
            case SqlTokenKind.MetaCommand:
                _metaCommand = _metaCommand < 0 ? token.Start : _metaCommand;
                // At the start of a statement, a psql command is a statement by itself, up to the end of its line.
                return _first == token.Start;
        }
        if (!token.IsTerminated)
        {
            _unterminated = new(UnterminatedKind(token.Kind), _offset + token.Start);
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
            _unterminated = new(SqlUnterminatedKind.Comment, _offset + token.Start);
        }
        // An open quote or comment is the cause; parentheses and bodies are then open only because of it.
        if (_parentheses > 0)
        {
            _unterminated ??= new(SqlUnterminatedKind.Parenthesis, _offset + _openParenthesis);
        }
        if (_body.IsOpen)
        {
            _unterminated ??= new(SqlUnterminatedKind.RoutineBody, _offset + _body.Start);
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
            AddPiece(SqlPieceKind.Empty, end, null);
            StartPiece(end);
            return;
        }
        var facts = SqlClassifier.Classify(_text, _first, _last, _strings.AreStandard);
        var statement = AddStatement(facts);
        AddPiece(SqlPieceKind.Statement, end, statement);
        _strings.Follow(facts);
        StartPiece(end);
        if ((facts.Traits & SqlStatementTraits.CopyFromClient) != 0)
        {
            TakeCopyData();
        }
    }

    private void AddPiece(SqlPieceKind kind, int end, SqlStatement? statement) =>
        _pieces?.Add(new(kind, _offset + _pieceStart, end - _pieceStart, statement));

    private SqlStatement AddStatement(SqlStatementFacts facts)
    {
        // Elsewhere there is no value for it, and Npgsql 10 closes the connection then (08P01), so the plan refuses it.
        var parameter = _parameter < 0 || _body.TakesParameters ? default(int?) : _offset + _parameter;
        var metaCommand = _metaCommand < 0 ? default(int?) : _offset + _metaCommand;
        var nul = _hasNul && _text.IndexOf('\0', _first, _last - _first) is >= 0 and var found ? _offset + found : default(int?);
        facts.Traits |= (parameter is null ? 0 : SqlStatementTraits.Parameter)
            | (metaCommand is null ? 0 : SqlStatementTraits.MetaCommand)
            | (nul is null ? 0 : SqlStatementTraits.Nul)
            | (_unterminated is null ? 0 : SqlStatementTraits.Unterminated);
        return _statements.Add(_offset + _first, _last - _first, facts, new(parameter, metaCommand, nul));
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
        var at = _offset + _pieceStart;
        // A search that found nothing is not repeated for each COPY, which would take quadratic time.
        if (at >= _noCopyEndFrom || !RestOfLine(at, out var line).IsWhiteSpace())
        {
            return;
        }
        while (_content.IndexOf("\\.", line) is >= 0 and var start)
        {
            line = start + 2;
            var around = _content.Substring(start - 1, Math.Min(5, _content.Length - start + 1));
            // psql ends a COPY block at "\." alone on its line (PostgreSQL manual, COPY).
            if (around[0] is '\n' or '\r' && (around.Length == 3 || around[3] is '\n' or '\r'))
            {
                var end = line + (around.AsSpan(3).StartsWith("\r\n") ? 2 : around.Length > 3 ? 1 : 0);
                _pieces?.Add(new(SqlPieceKind.CopyData, at, end - at, null));
                Resume(end);
                return;
            }
        }
        _noCopyEndFrom = at;
    }

    private ReadOnlySpan<char> RestOfLine(int from, out int end)
    {
        var line = new System.Text.StringBuilder();
        foreach (var part in _content.Parts(from))
        {
            var length = SqlScanner.LineEnd(part, 0, part.Length);
            line.Append(part, 0, length);
            if (length < part.Length)
            {
                break;
            }
        }
        end = from + line.Length;
        return line.ToString();
    }

    /// <summary>Starts a piece at a place in the whole text, in another window where this one does not have it.</summary>
    private void Resume(int at)
    {
        if (at <= _offset + _text.Length)
        {
            StartPiece(at - _offset);
            return;
        }
        Open(at, FirstWindow);
    }
}
