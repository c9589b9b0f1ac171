using System.Management.Automation;
using System.Management.Automation.Host;

namespace HasuraMigrations.Shell;

/// <summary>Writes to the standard streams: errors to standard error, all else to standard output, as pwsh does.</summary>
internal sealed partial class ShellUserInterface(bool interactive) : PSHostUserInterface
{
    private readonly Lock _gate = new();
    private string _progress = "";
    private bool _allToError;

    public override PSHostRawUserInterface RawUI { get; } = new ShellRawUserInterface();

    public override bool SupportsVirtualTerminal => _allToError ? Terminal.ErrorHasColor : Terminal.OutputHasColor;

    /// <summary>Sends everything to standard error until the result is disposed: the view of an error that ended a run.</summary>
    public IDisposable WriteAllToError()
    {
        _allToError = true;
        return new Redirection(this);
    }

    public override void Write(string value)
    {
        if (_allToError)
        {
            WriteTo(Console.Error, value, Terminal.ErrorHasColor);
        }
        else
        {
            WriteTo(Console.Out, value, Terminal.OutputHasColor);
        }
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteErrorLine(string value) => WriteTo(Console.Error, value + Environment.NewLine, Terminal.ErrorHasColor);

    public override void WriteWarningLine(string message) => WriteTagged(PSStyle.Instance.Formatting.Warning, "WARNING", message);

    public override void WriteVerboseLine(string message) => WriteTagged(PSStyle.Instance.Formatting.Verbose, "VERBOSE", message);

    public override void WriteDebugLine(string message) => WriteTagged(PSStyle.Instance.Formatting.Debug, "DEBUG", message);

    /// <summary>Shows one line at a terminal, and nothing elsewhere: a log must not fill with it.</summary>
    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (!Terminal.OutputHasColor || !Terminal.ErrorHasColor)
        {
            return;
        }

        if (record.RecordType == ProgressRecordType.Completed)
        {
            ClearProgress();
            return;
        }

        var percent = record.PercentComplete < 0 ? "" : $" {record.PercentComplete}%";
        var text = $"{record.Activity}: {record.StatusDescription}{percent}".ReplaceLineEndings(" ");
        lock (_gate)
        {
            EraseProgress();
            _progress = text.Length < Terminal.Width ? text : text[..(Terminal.Width - 1)];
            Console.Error.Write(_progress);
        }
    }

    /// <summary>Takes the progress line off the terminal.</summary>
    public void ClearProgress()
    {
        lock (_gate)
        {
            EraseProgress();
            _progress = "";
        }
    }

    private void WriteTagged(string style, string tag, string message) =>
        WriteLine($"{style}{tag}: {message}{PSStyle.Instance.Reset}");

    private void WriteTo(TextWriter writer, string text, bool hasColor)
    {
        lock (_gate)
        {
            EraseProgress();
            _progress = "";
            writer.Write(GetOutputString(text, hasColor));
        }
    }

    private void EraseProgress()
    {
        if (_progress.Length > 0)
        {
            Console.Error.Write($"\r{new string(' ', _progress.Length)}\r");
        }
    }

    private sealed class Redirection(ShellUserInterface ui) : IDisposable
    {
        public void Dispose() => ui._allToError = false;
    }
}
