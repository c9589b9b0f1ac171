using System.Diagnostics;
using System.Text;

namespace HasuraMigrations.Engine.Tests.Sql;

/// <summary>
/// A private PostgreSQL that writes down each statement it gets, and psql to send files to it. Whether a statement fails does
/// not matter: the server logs it when it can parse it, and with its error when it cannot.
/// </summary>
internal sealed class StatementLogOracle : IDisposable
{
    private const int FilesPerProcess = 250;
    private const string Marker = "select 'next input'; rollback; ";

    private readonly string _directory = Directory.CreateTempSubdirectory("hm-oracle-").FullName;
    private readonly Process _server;

    public StatementLogOracle()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", ["postgres", _directory]);
        }
        Run(AsServer(Binary("initdb")), ["-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]);
        _server = Start(AsServer(Binary("postgres")),
        [
            "-D", Data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={_directory}", "-c", "fsync=off",
            "-c", "logging_collector=on", "-c", "log_destination=csvlog", "-c", $"log_directory={_directory}",
            "-c", "log_filename=statements.log", "-c", "log_rotation_size=0", "-c", "log_rotation_age=0", "-c", "log_statement=all",
            "-c", "log_min_messages=error", "-c", "log_min_error_statement=error", "-c", "log_error_verbosity=terse",
            "-c", "log_parameter_max_length_on_error=0", "-c", "statement_timeout=20s",
        ]);
        for (var left = 100; Run("psql", ["-X", "-q", "-h", _directory, "-U", "postgres", "-c", "select 1"]) != 0; left--)
        {
            Assert.True(left > 0 && !_server.HasExited, "The private server does not start.");
            Thread.Sleep(100);
        }
    }

    private string Data => Path.Combine(_directory, "data");

    /// <summary>Why it cannot work here; null where it can.</summary>
    public static string? MissingPart() =>
        !OperatingSystem.IsLinux() ? "The oracle needs Linux."
        : !File.Exists(Binary("postgres")) ? "There is no PostgreSQL in /usr/lib/postgresql/15/bin."
        : Support.Machine.Find("psql") is null ? "There is no psql."
        : null;

    /// <summary>What the server got from psql for each of the files, in order.</summary>
    /// <param name="files">Files to send.</param>
    /// <param name="executes">
    /// False sends each file into a failed transaction: the server parses and logs, but runs nothing until the file ends
    /// that transaction.
    /// </param>
    public List<List<string>> Send(IReadOnlyList<string> files, bool executes)
    {
        var start = Rows().Count;
        var prelude = executes ? Marker + "reset all" : Marker + "begin; select 1/0";
        foreach (var chunk in files.Chunk(FilesPerProcess))
        {
            string[] inputs = [.. chunk.SelectMany(file => new[] { "-c", prelude, "-f", file })];
            Run("psql", ["-X", "-q", "-o", "/dev/null", "-h", _directory, "-U", "postgres", .. inputs]);
        }
        var end = $"select 'end {Guid.NewGuid()}'";
        Run("psql", ["-X", "-q", "-o", "/dev/null", "-h", _directory, "-U", "postgres", "-c", end]);
        var rows = Rows();
        for (var left = 200; !rows.Any(row => row[13] == "statement: " + end); left--)
        {
            Assert.True(left > 0, "The log does not come to its end.");
            Thread.Sleep(50);
            rows = Rows();
        }
        return Group(rows.Skip(start), end);
    }

    public void Dispose()
    {
        Run(AsServer(Binary("pg_ctl")), ["stop", "-D", Data, "-m", "immediate"]);
        _server.WaitForExit();
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>A statement that parses and then fails has two entries, and counts once.</summary>
    private static List<List<string>> Group(IEnumerable<string[]> rows, string end)
    {
        var groups = new List<List<string>>();
        string? logged = null;
        foreach (var row in rows)
        {
            var isLog = row[11] == "LOG" && row[13].StartsWith("statement: ", StringComparison.Ordinal);
            var statement = isLog ? row[13]["statement: ".Length..] : row[11] == "ERROR" ? row[19] : "";
            var isRepeated = !isLog && statement == logged;
            logged = isLog ? statement : null;
            if (statement == end)
            {
                break;
            }
            if (statement.StartsWith(Marker, StringComparison.Ordinal))
            {
                if (isLog)
                {
                    groups.Add([]);
                }
            }
            // The log is written behind; what was sent before the first file may come into it late.
            else if (!isRepeated && statement.Length > 0 && groups.Count > 0)
            {
                groups[^1].Add(statement);
            }
        }
        return groups;
    }

    private List<string[]> Rows()
    {
        var path = Path.Combine(_directory, "statements.csv");
        if (!File.Exists(path))
        {
            return [];
        }
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return ParseCsv(reader.ReadToEnd());
    }

    private static List<string[]> ParseCsv(string text)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '"')
            {
                var end = at + 1;
                while (end < text.Length && (text[end] != '"' || (end + 1 < text.Length && text[end + 1] == '"')))
                {
                    end += text[end] == '"' ? 2 : 1;
                }
                row.Add(text[(at + 1)..Math.Min(end, text.Length)].Replace("\"\"", "\"", StringComparison.Ordinal));
                at = end + 1;
            }
            else
            {
                var end = text.AsSpan(at).IndexOfAny(',', '\n');
                row.Add(end < 0 ? text[at..] : text.Substring(at, end));
                at = end < 0 ? text.Length : at + end;
            }
            if (at < text.Length && text[at] == '\n')
            {
                rows.Add([.. row]);
                row.Clear();
            }
            at++;
        }
        return rows;
    }

    private static string Binary(string name) => $"/usr/lib/postgresql/15/bin/{name}";

    /// <summary>A server refuses to run as root.</summary>
    private static string[] AsServer(string program) => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", program]
        : [program];

    private static int Run(string program, string[] arguments) => Run([program], arguments);

    private static int Run(string[] command, string[] arguments)
    {
        using var process = Start(command, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }

    private static Process Start(string[] command, string[] arguments)
    {
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["PGCLIENTENCODING"] = "UTF8";
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
