using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace HasuraMigrations.Shell;

/// <content>Questions to the user.</content>
internal sealed partial class ShellUserInterface
{
    public override string ReadLine()
    {
        RequireUser();
        return Console.ReadLine() ?? throw NoAnswer();
    }

    public override SecureString ReadLineAsSecureString()
    {
        RequireUser();
        var secret = new SecureString();
        if (Console.IsInputRedirected)
        {
            foreach (var character in Console.ReadLine() ?? throw NoAnswer())
            {
                secret.AppendChar(character);
            }

            return secret;
        }

        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                if (secret.Length > 0)
                {
                    secret.RemoveAt(secret.Length - 1);
                }
            }
            else if (!char.IsControl(key.KeyChar))
            {
                secret.AppendChar(key.KeyChar);
            }
        }

        WriteLine("");
        return secret;
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        RequireUser();
        WriteHeading(caption, message);
        var answers = new Dictionary<string, PSObject>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in descriptions)
        {
            Write($"{field.Name}: ");
            object answer = field.ParameterTypeName switch
            {
                nameof(SecureString) => ReadLineAsSecureString(),
                nameof(PSCredential) => PromptForCredential("", "", "", ""),
                _ => ReadLine(),
            };
            answers[field.Name] = PSObject.AsPSObject(answer);
        }

        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        RequireUser();
        WriteHeading(caption, message);
        var options = choices.Select(c => (Key: KeyOf(c.Label), Label: c.Label.Replace("&", "", StringComparison.Ordinal))).ToList();
        while (true)
        {
            Write(string.Join("  ", options.Select(o => $"[{o.Key}] {o.Label}")) + "  [?] Help");
            Write(defaultChoice >= 0 ? $" (default is \"{options[defaultChoice].Key}\"): " : ": ");
            var answer = ReadLine().Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
            {
                return defaultChoice;
            }

            var index = options.FindIndex(o => Same(o.Key, answer) || Same(o.Label, answer));
            if (index >= 0)
            {
                return index;
            }

            if (answer == "?")
            {
                foreach (var (choice, option) in choices.Zip(options))
                {
                    WriteLine($"{option.Key} - {choice.HelpMessage}");
                }
            }
        }
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options)
    {
        RequireUser();
        WriteHeading(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            Write("User: ");
            userName = ReadLine();
        }

        Write($"Password for user {userName}: ");
        return new PSCredential(userName, ReadLineAsSecureString());
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string KeyOf(string label)
    {
        var mark = label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < label.Length ? char.ToUpperInvariant(label[mark + 1]).ToString() : label;
    }

    private void WriteHeading(string caption, string message)
    {
        foreach (var text in new[] { caption, message }.Where(t => !string.IsNullOrEmpty(t)))
        {
            WriteLine(text);
        }
    }

    private void RequireUser()
    {
        if (!interactive)
        {
            throw new PSInvalidOperationException(
                "The shell is in NonInteractive mode, where nobody can be asked. Give the missing parameter, or -Confirm:$false or -Force.");
        }
    }

    private static PSInvalidOperationException NoAnswer() =>
        new("Standard input ended before the question was answered. Give the missing parameter, or -Confirm:$false or -Force.");
}
