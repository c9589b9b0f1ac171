using static HasuraMigrations.Engine.Sql.SqlCharacters;

namespace HasuraMigrations.Engine.Sql;

/// <summary>Puts values in place of the variables of a script.</summary>
/// <param name="script">The script as it is in the file.</param>
/// <param name="valueOf">Gives a value for a name and a form; null where there is none.</param>
/// <param name="problems">Takes what is wrong.</param>
internal sealed class SqlExpansion(SqlScript script, Func<string, SqlVariableForm, string?> valueOf, List<SqlVariableProblem> problems)
{
    private const string Forms = "${name}, ${name:literal}, ${name:identifier}, ${name:number} or ${name:raw}";

    private readonly List<(int Start, int Length, string Text)> _changes = [];
    private readonly List<Expectation> _expected = [];
    private bool _hasRaw;

    /// <summary>The script with values, whose positions are those of the file. Nothing in comments is changed.</summary>
    internal SqlScript Run()
    {
        var rules = new SqlStringRules(hasTransaction: !script.HasNoTransactionDirective);
        var next = script.Content.IndexOf(SqlVariableSyntax.Opening);
        foreach (var statement in script.Statements)
        {
            if (next < 0)
            {
                break;
            }

            if (next < statement.Start + statement.Length && !statement.IsTooLong)
            {
                Expand(statement, rules.AreStandard);
                next = script.Content.IndexOf(SqlVariableSyntax.Opening, statement.Start + statement.Length);
            }

            rules.Follow(statement.Facts);
        }

        if (_changes.Count == 0)
        {
            return script;
        }

        var expanded = SqlScript.Parse(SqlText.Of(Parts()), new SqlOrigin(script.Content, Insertions()));
        if (_hasRaw)
        {
            Verify(expanded);
        }

        return expanded;
    }

    private void Expand(SqlStatement statement, bool standardStrings)
    {
        var text = statement.Text;
        var from = _changes.Count;
        foreach (var region in SqlRegions.Of(text, standardStrings))
        {
            for (var at = Next(text, region, region.Start); at >= 0;)
            {
                at = Next(text, region, at + (region.Kind == SqlRegionKind.Code ? ReadCode(statement.Start, text, region, at) : ReadQuoted(statement.Start, text, region, at)));
            }
        }

        CheckDelimiters(statement.Start, text, standardStrings, _changes[from..]);
    }

    private static int Next(string text, SqlRegion region, int from) => text.IndexOf(SqlVariableSyntax.Opening, from, region.End - from, StringComparison.Ordinal);

    private int ReadCode(int offset, string text, SqlRegion region, int at)
    {
        if (Read(offset, text, at) is not var (name, form, length))
        {
            return SqlVariableSyntax.Opening.Length;
        }

        var before = at > 0 ? text[at - 1] : ' ';
        var after = at + length < text.Length ? text[at + length] : ' ';
        var isRaw = form == SqlVariableForm.Raw;
        var isStuck = isRaw ? IsQuote(before) || IsQuote(after)
            : IsQuote(before) || IsIdentifierPart(before) || before == '}' || IsQuote(after) || IsIdentifierPart(after) || (form == SqlVariableForm.Number && (before == '.' || after == '.'));
        if (isStuck)
        {
            Problem("VariablePlaceInvalid", offset + at, $"The variable '{name}' touches {(IsQuote(before) || IsQuote(after) ? "a quote" : "another word, number or variable")}, and its value is a token of its own. Separate them, write it inside the quotes, or use ${{{name}:raw}} to build one word of parts.");
        }

        var written = Write(offset + at, name, form, region.Kind);
        // A value must not become part of what stands before it, such as a prefix of a string or a minus sign.
        var pad = !isRaw && !IsSpace(before) && before is not ('(' or ',' or '.') ? " " : "";
        Change(offset + at, length, pad + written, region, isRaw);
        return length;
    }

    private int ReadQuoted(int offset, string text, SqlRegion region, int at)
    {
        if (at > region.Start && text[at - 1] == '$')
        {
            _changes.Add((offset + at - 1, SqlVariableSyntax.EscapedOpening.Length, SqlVariableSyntax.Opening));
            return SqlVariableSyntax.Opening.Length;
        }

        if (Read(offset, text, at) is not var (name, form, length))
        {
            return SqlVariableSyntax.Opening.Length;
        }

        var why = region.Kind == SqlRegionKind.Other ? "stands in a constant with Unicode escapes or of bits, where no value can be written"
            : form == SqlVariableForm.Raw ? "stands in quotes, where its value cannot be raw"
            : region.IsRoutine && form == SqlVariableForm.Default ? "stands in the body of a routine that is written as a string, where it is unclear what its value is to become"
            : null;
        if (why is not null)
        {
            Problem("VariablePlaceInvalid", offset + at, $"The variable '{name}' {why}. {(region.IsRoutine ? "Write the body in dollar quotes, or name the form, such as ${" + name + ":literal}" : form == SqlVariableForm.Raw ? $"Write ${{{name}}}" : "Write it outside, or in a plain string")}.");
            return length;
        }

        Change(offset + at, length, Write(offset + at, name, form, region.Kind), region, isRaw: false);
        return length;
    }

    private (string Name, SqlVariableForm Form, int Length)? Read(int offset, string text, int at)
    {
        var variable = SqlVariableSyntax.Read(text, at);
        if (variable is null)
        {
            Problem("VariableSyntaxInvalid", offset + at, $"What begins with '{SqlVariableSyntax.Opening}' here is not {Forms}. Inside quotes, '{SqlVariableSyntax.EscapedOpening}' stands for '{SqlVariableSyntax.Opening}' itself.");
        }

        return variable;
    }

    private string Write(int index, string name, SqlVariableForm form, SqlRegionKind kind)
    {
        if (valueOf(name, form) is not { } value)
        {
            Problem("VariableMissing", index, $"The variable '{name}' has no value.");
            return SqlVariableValue.Missing(kind, form);
        }

        var written = SqlVariableValue.Write(value, form, kind, out var problem);
        if (problem is not null)
        {
            Problem("VariableValueInvalid", index, $"The value of the variable '{name}' {problem}.");
        }

        return written;
    }

    private void Change(int start, int length, string text, SqlRegion region, bool isRaw)
    {
        _hasRaw |= isRaw;
        if (!isRaw)
        {
            _expected.Add(new Expectation(_changes.Count, region.Kind, region.Delimiters.Count));
        }

        _changes.Add((start, length, text));
    }

    // Nothing can be escaped in a dollar quote, so a value must not have what ends it.
    private void CheckDelimiters(int offset, string text, bool standardStrings, List<(int Start, int Length, string Text)> changes)
    {
        foreach (var body in changes.Count == 0 ? [] : DollarBodies(text, standardStrings))
        {
            var inside = changes.Where(c => c.Start >= offset + body.Start && c.Start + c.Length <= offset + body.End).ToList();
            var expanded = string.Concat(Parts(text, offset, body.Start, body.End, inside));
            if (inside.Count > 0 && (expanded + body.Delimiter).IndexOf(body.Delimiter, StringComparison.Ordinal) != expanded.Length)
            {
                Problem("VariableValueInvalid", inside[0].Start, $"A value in the dollar quote contains its delimiter '{body.Delimiter}', which would end it. Use another delimiter.");
            }
        }
    }

    private static IEnumerable<(string Delimiter, int Start, int End)> DollarBodies(string text, bool standardStrings)
    {
        var pending = new Stack<(int Start, int End)>([(0, text.Length)]);
        while (pending.TryPop(out var range))
        {
            var lexer = new SqlLexer(text, range.Start, range.End, standardStrings);
            for (var token = lexer.Next(); token.Kind is not (SqlTokenKind.End or SqlTokenKind.UnterminatedComment); token = lexer.Next())
            {
                if (token is { Kind: SqlTokenKind.DollarString, IsTerminated: true })
                {
                    var length = SqlScanner.DollarDelimiter(text, token.Start, token.End);
                    yield return (text.Substring(token.Start, length), token.Start + length, token.End - length);
                    pending.Push((token.Start + length, token.End - length));
                }
            }
        }
    }

    private static IEnumerable<string> Parts(string text, int offset, int start, int end, List<(int Start, int Length, string Text)> changes)
    {
        foreach (var (at, length, replacement) in changes)
        {
            yield return text[start..(at - offset)];
            yield return replacement;
            start = at - offset + length;
        }

        yield return text[start..end];
    }

    private IEnumerable<string> Parts()
    {
        var at = 0;
        foreach (var (start, length, text) in _changes)
        {
            foreach (var part in script.Content.Parts(at, start))
            {
                yield return part;
            }

            yield return text;
            at = start + length;
        }

        foreach (var part in script.Content.Parts(at))
        {
            yield return part;
        }
    }

    private List<SqlInsertion> Insertions()
    {
        var insertions = new List<SqlInsertion>();
        var shift = 0;
        foreach (var (start, length, text) in _changes)
        {
            insertions.Add(new SqlInsertion(start, length, start + shift, text.Length));
            shift += text.Length - length;
        }

        return insertions;
    }

    /// <summary>
    /// A raw value can change what comes behind it, such as the setting standard_conforming_strings. Each other value must still stand
    /// where it was written for.
    /// </summary>
    private void Verify(SqlScript expanded)
    {
        var insertions = expanded.Origin!.Insertions;
        var rules = new SqlStringRules(hasTransaction: !expanded.HasNoTransactionDirective);
        var seen = new HashSet<int>();
        var left = new Queue<Expectation>(_expected);
        foreach (var statement in expanded.Statements)
        {
            var end = statement.Start + statement.Length;
            if (left.TryPeek(out var first) && insertions[first.Change].Start < end)
            {
                var regions = SqlRegions.Of(statement.Text, rules.AreStandard);
                while (left.TryPeek(out var one) && insertions[one.Change].Start < end)
                {
                    left.Dequeue();
                    if (regions.Exists(r => IsAsExpected(r, one, insertions[one.Change], statement.Start)))
                    {
                        seen.Add(one.Change);
                    }
                }
            }

            rules.Follow(statement.Facts);
        }

        foreach (var lost in _expected.Where(e => !seen.Contains(e.Change)))
        {
            Problem("VariableValueInvalid", _changes[lost.Change].Start, "A raw value before this variable changes how its place is read, so that its value would not be what it is written as.");
        }
    }

    // In code, the value is a region of its own: a number, or what is inside the quotes that were written.
    private static bool IsAsExpected(SqlRegion region, Expectation expected, SqlInsertion insertion, int offset)
    {
        var (start, end) = (region.Start + offset, region.End + offset);
        var insertionEnd = insertion.Start + insertion.Length;
        return region.Delimiters.Count == expected.Depth && (expected.Kind == SqlRegionKind.Code
            ? start < insertionEnd && (region.Kind == SqlRegionKind.Code ? end >= insertionEnd : start > insertion.Start && end == insertionEnd - 1)
            : region.Kind == expected.Kind && start <= insertion.Start && end >= insertionEnd);
    }

    private static bool IsQuote(char c) => c is '\'' or '"';

    private void Problem(string id, int index, string message) => problems.Add(new SqlVariableProblem(id, index, message));

    /// <param name="Change">Index of the change.</param>
    /// <param name="Kind">Kind of the place it was written for.</param>
    /// <param name="Depth">How many dollar quotes are around it.</param>
    private readonly record struct Expectation(int Change, SqlRegionKind Kind, int Depth);
}
