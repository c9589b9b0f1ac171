using System.Text.RegularExpressions;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Engine.Metadata.Operations;

/// <summary>Reads operations from files and directories.</summary>
public static partial class OperationFiles
{
    private static readonly string[] Extensions = [".graphql", ".gql"];

    /// <summary>Reads operations; those of all files share their fragments, except persisted ones, which are complete.</summary>
    /// <param name="paths">Full paths: files, and directories, of which the files of GraphQL count.</param>
    /// <param name="inform">Is told of files that are left out.</param>
    /// <exception cref="HasuraMigrationException">FileUnreadable: a path is not there, or a directory cannot be listed.</exception>
    public static IReadOnlyList<Operation> Read(IEnumerable<string> paths, Action<string> inform)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(inform);
        var (texts, complete, failed) = (new Dictionary<string, OperationText>(StringComparer.Ordinal), new List<OperationText>(), new List<Operation>());
        foreach (var file in paths.SelectMany(FilesOf).Distinct(StringComparer.Ordinal))
        {
            Try(file, () =>
            {
                var text = new OperationText(TextFile.Read(file).Text) { File = file, IsVerbatim = true };
                if (Path.GetExtension(file).Equals(".json", StringComparison.OrdinalIgnoreCase))
                {
                    complete.AddRange(PersistedOperations.Read(text));
                }
                else
                {
                    texts[file] = text;
                }
            });
        }

        // Loaders of webpack and Vite read such comments.
        for (var open = new Queue<OperationText>(texts.Values); open.TryDequeue(out var text);)
        {
            foreach (var path in Import().Matches(text.Text).Select(m => Path.GetFullPath(m.Groups["path"].Value, Path.GetDirectoryName(text.File)!)).Where(p => !texts.ContainsKey(p)))
            {
                Try(path, () => open.Enqueue(texts[path] = new OperationText(TextFile.Read(path).Text) { File = path, IsVerbatim = true, IsImported = true }));
            }
        }

        return
        [
            .. OperationReader.Read(texts.Values, sharesFragments: true, s => inform($"'{s.File}' defines types and no operation, and is left out.")),
            .. OperationReader.Read(complete, sharesFragments: false),
            .. failed,
        ];

        // One file that cannot be read leaves the others to be checked.
        void Try(string file, Action read)
        {
            try
            {
                read();
            }
            catch (HasuraMigrationException e)
            {
                failed.Add(new Operation(new OperationText("") { File = file }, new OperationProblem(e.ErrorId, e.Message, new OperationPlace(file, e.Line, e.Column))));
            }
        }
    }

    private static IEnumerable<string> FilesOf(string path)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        return Directory.Exists(path) ? Walk(new DirectoryInfo(path))
            : throw new HasuraMigrationException("FileUnreadable", $"There is neither a file nor a directory '{path}'.", path) { File = path };
    }

    // Packages of others are no operations of this client; links could lead in a circle.
    private static IEnumerable<string> Walk(DirectoryInfo directory)
    {
        foreach (var entry in ProjectPaths.Entries(directory))
        {
            switch (entry)
            {
                case DirectoryInfo { LinkTarget: null } nested when nested.Name != "node_modules" && !nested.Name.StartsWith('.'):
                    foreach (var file in Walk(nested))
                    {
                        yield return file;
                    }

                    break;
                case FileInfo file when Extensions.Contains(file.Extension.ToLowerInvariant()):
                    yield return file.FullName;
                    break;
            }
        }
    }

    [GeneratedRegex("""^#\s*import\s+["'](?<path>\.[^"'\0\r\n]+)["']""", RegexOptions.Multiline)]
    private static partial Regex Import();
}
