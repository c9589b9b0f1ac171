using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace HasuraMigrations.Tests.Support;

/// <summary>A console of fixed width that keeps what is written and answers questions as told.</summary>
internal sealed class CollectingHost(bool ansi) : PSHost
{
    private readonly Ui _ui = new(ansi);

    public string Text => _ui.Text.ToString().ReplaceLineEndings("\n");

    public List<(string Caption, string Message)> Questions => _ui.Questions;

    /// <summary>Index of the choice to answer questions with; null where nobody answers.</summary>
    public int? Answer
    {
        get => _ui.Answer;
        set => _ui.Answer = value;
    }

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "Test";

    public override PSHostUserInterface UI => _ui;

    public override Version Version => new(1, 0);

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    private sealed class Ui(bool ansi) : PSHostUserInterface
    {
        public StringBuilder Text { get; } = new();

        public List<(string Caption, string Message)> Questions { get; } = [];

        public int? Answer { get; set; }

        public override PSHostRawUserInterface RawUI { get; } = new RawUi();

        public override bool SupportsVirtualTerminal => ansi;

        public override void Write(string value) => Append(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Append(value);

        public override void WriteLine(string value) => Append(value + "\n");

        public override void WriteErrorLine(string value) => Append(value + "\n");

        public override void WriteDebugLine(string message) => Append($"DEBUG: {message}\n");

        public override void WriteVerboseLine(string message) => Append($"VERBOSE: {message}\n");

        public override void WriteWarningLine(string message) => Append($"WARNING: {message}\n");

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            Questions.Add((caption, message));
            return Answer ?? throw new HostException("Nobody answers here.");
        }

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new HostException("Nobody answers here.");

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new HostException("Nobody answers here.");

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw new HostException("Nobody answers here.");

        public override string ReadLine() => throw new HostException("Nobody answers here.");

        public override SecureString ReadLineAsSecureString() => throw new HostException("Nobody answers here.");

        // The real console passes text through this; without it headers keep their escape codes in plain mode.
        private void Append(string value) => Text.Append(GetOutputString(value, ansi));
    }

    private sealed class RawUi : PSHostRawUserInterface
    {
        public override ConsoleColor BackgroundColor { get; set; }

        public override Size BufferSize { get; set; } = new(120, 100);

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; }

        public override ConsoleColor ForegroundColor { get; set; }

        public override bool KeyAvailable => false;

        public override Size MaxPhysicalWindowSize => new(120, 100);

        public override Size MaxWindowSize => new(120, 100);

        public override Coordinates WindowPosition { get; set; }

        public override Size WindowSize { get; set; } = new(120, 100);

        public override string WindowTitle { get; set; } = "";

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => new BufferCell[0, 0];

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new HostException("Nobody answers here.");

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
        {
        }

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
        {
        }

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
        {
        }
    }
}
