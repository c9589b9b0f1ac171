namespace HasuraMigrations.Abstractions;

/// <summary>Writes to the shell for work on other threads.</summary>
/// <param name="cmdlet">The cmdlet that writes.</param>
/// <param name="invoke">Carries out an action on the pipeline thread and waits for it.</param>
/// <param name="post">Carries out an action on the pipeline thread some time.</param>
/// <param name="tell">Writes a finding.</param>
/// <param name="result">Writes a result.</param>
internal sealed class CmdletWriter(AsyncCmdlet cmdlet, Func<Action, Task> invoke, Action<Action> post, Action<Finding> tell, Action<object> result) : RunReporter.IWriter
{
    public Task WriteAsync(object value) => invoke(() => result(value));

    public void Post(Action<AsyncCmdlet> write) => post(() => write(cmdlet));

    public void Post(Finding finding) => post(() => tell(finding));
}
