using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HasuraMigrations.Engine.Yaml;

/// <summary>Gives the events that YamlDotNet gives for YAML as Hasura's CLI writes most of it, in a small part of the time.</summary>
internal sealed class PlainYamlParser : PlainYamlWalk, IParser
{
    // The value of AnchorName.Empty. To ask for that compiles the pattern of names of anchors, 15 ms in a new process.
    private static AnchorName NoAnchor => default;

    // The trial goes the same way through the text and makes no events.
    private readonly bool _isTrial;
    private readonly Queue<ParsingEvent> _events = new();

    private PlainYamlParser(string text, bool isTrial)
        : base(text) => _isTrial = isTrial;

    /// <inheritdoc/>
    public ParsingEvent? Current { get; private set; }

    /// <summary>A parser of a text; null where the text has anything else in it.</summary>
    internal static PlainYamlParser? Of(string text) => new PlainYamlParser(text, isTrial: true).IsPlain() ? new PlainYamlParser(text, isTrial: false) : null;

    /// <inheritdoc/>
    public bool MoveNext()
    {
        while (_events.Count == 0 && !IsOver)
        {
            if (!ReadLine())
            {
                throw new InvalidOperationException("A text is read otherwise than in the trial.");
            }
        }

        Current = _events.TryDequeue(out var next) ? next : null;
        return Current is not null;
    }

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        if (!_isTrial)
        {
            _events.Enqueue(new StreamStart());
            _events.Enqueue(new DocumentStart());
        }
    }

    /// <inheritdoc/>
    protected override void OnFinish()
    {
        if (!_isTrial)
        {
            _events.Enqueue(new DocumentEnd(isImplicit: true));
            _events.Enqueue(new StreamEnd());
        }
    }

    /// <inheritdoc/>
    protected override void OnStart(bool isList, bool isFlow, int at)
    {
        if (!_isTrial)
        {
            var (start, end) = (Lines.Mark(at), Lines.Mark(isFlow ? at + 1 : at));
            _events.Enqueue(isList
                ? new SequenceStart(NoAnchor, TagName.Empty, isImplicit: true, isFlow ? SequenceStyle.Flow : SequenceStyle.Block, start, end)
                : new MappingStart(NoAnchor, TagName.Empty, isImplicit: true, isFlow ? MappingStyle.Flow : MappingStyle.Block, start, end));
        }
    }

    /// <inheritdoc/>
    protected override void OnEnd(bool isList)
    {
        if (!_isTrial)
        {
            _events.Enqueue(isList ? new SequenceEnd() : new MappingEnd());
        }
    }

    /// <inheritdoc/>
    protected override bool OnKey(int at, int length) => OnScalar(at, length, Quotes.None);

    /// <inheritdoc/>
    protected override bool OnScalar(int at, int length, Quotes quotes)
    {
        if (!_isTrial)
        {
            var isPlain = quotes == Quotes.None;
            var text = (isPlain ? Lines.Text(at, length) : Lines.Text(at + 1, length - 2)).ToString();
            var written = quotes switch { Quotes.None => ScalarStyle.Plain, Quotes.Single => ScalarStyle.SingleQuoted, _ => ScalarStyle.DoubleQuoted };
            _events.Enqueue(new Scalar(NoAnchor, TagName.Empty, text, written, isPlain, !isPlain, Lines.Mark(at), Lines.Mark(at + length)));
        }

        return true;
    }
}
