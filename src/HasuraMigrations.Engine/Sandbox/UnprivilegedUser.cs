using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using HasuraMigrations.Engine.Processes;

namespace HasuraMigrations.Engine.Sandbox;

/// <summary>
/// Runs programs as somebody who is not root, because PostgreSQL refuses root. Where we are not root, or on Windows,
/// where PostgreSQL drops its rights by itself, programs run as they are.
/// </summary>
internal sealed class UnprivilegedUser
{
    private static readonly string[] Names = ["postgres", "nobody"];

    // Looking takes four programs, and what they say holds for the process.
    private static UnprivilegedUser? _found;

    private readonly string[] _prefix;
    private readonly (uint User, uint Group)? _owner;

    private UnprivilegedUser(string[] prefix, (uint User, uint Group)? owner)
    {
        _prefix = prefix;
        _owner = owner;
    }

    /// <summary>Nobody else: programs run as we are.</summary>
    public static UnprivilegedUser None { get; } = new([], null);

    /// <summary>Finds the user and a program that can switch to it.</summary>
    /// <exception cref="HasuraMigrationException"><c>SandboxUserMissing</c>: we are root and there is none.</exception>
    public static async Task<UnprivilegedUser> FindAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return None;
        }

        return Volatile.Read(ref _found) ?? await LookAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Start information for a program run as that user.</summary>
    public ProcessStartInfo Prepare(string program, params IEnumerable<string> arguments)
    {
        var all = Arguments([program, .. arguments]);
        return ProgramRun.Prepare(all[0], all[1..]);
    }

    /// <summary>Program and arguments that run a command as that user.</summary>
    /// <param name="command">Program and arguments of the command.</param>
    public string[] Arguments(IEnumerable<string> command) => [.. _prefix, .. command];

    /// <summary>Gives a file or an empty directory to that user.</summary>
    /// <exception cref="HasuraMigrationException"><c>SandboxStartFailed</c>.</exception>
    public void TakeOver(string path)
    {
        if (_owner is { } owner && ChangeOwner(path, owner.User, owner.Group) != 0)
        {
            throw new HasuraMigrationException("SandboxStartFailed", $"The owner of {path} could not be changed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}", path);
        }
    }

    private static async Task<UnprivilegedUser> LookAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Names)
        {
            var user = await IdAsync("-u", name, cancellationToken).ConfigureAwait(false);
            var group = await IdAsync("-g", name, cancellationToken).ConfigureAwait(false);
            if (user is null or 0 || group is null)
            {
                continue;
            }

            foreach (var prefix in Ways(name, user.Value, group.Value))
            {
                var candidate = new UnprivilegedUser(prefix, (user.Value, group.Value));
                var probe = await ProgramRun.RunAsync(candidate.Prepare("id", "-u"), cancellationToken).ConfigureAwait(false);
                if (probe.Succeeded && Number(probe.Output) == user)
                {
                    Volatile.Write(ref _found, candidate);
                    return candidate;
                }
            }
        }

        throw new HasuraMigrationException(
            "SandboxUserMissing",
            $"PostgreSQL does not run as root, and neither setpriv, runuser nor su could switch to the user {string.Join(" or ", Names)}.");
    }

    private static IEnumerable<string[]> Ways(string name, uint user, uint group) =>
    [
        ["setpriv", $"--reuid={user}", $"--regid={group}", "--clear-groups", "--"],
        ["runuser", "-u", name, "--"],
        // The arguments after the command text are handed on as they are, so that nothing has to be quoted.
        ["su", "-s", "/bin/sh", name, "-c", "exec \"$0\" \"$@\"", "--"],
    ];

    private static async Task<uint?> IdAsync(string option, string name, CancellationToken cancellationToken)
    {
        var run = await ProgramRun.RunAsync(ProgramRun.Prepare("id", option, name), cancellationToken).ConfigureAwait(false);
        return run.Succeeded ? Number(run.Output) : null;
    }

    private static uint? Number(string text) => uint.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [DllImport("libc", EntryPoint = "chown", SetLastError = true)]
    private static extern int ChangeOwner([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);
}
