using System.Xml;
using HasuraMigrations.HelpWriter;

// Run by the build of the module: module directory, file of comments, directory of examples, root of the repository, directory for pages.
if (args is not [var module, var comments, var examples, var root, var pages])
{
    Console.Error.WriteLine("HelpWriter : error HELP: needs the module, the comments, the examples, the repository and a directory for pages.");
    return 1;
}

try
{
    var commands = new CommandReader(new ModuleLoadContext(Path.GetFullPath(module)).LoadModule(), comments, examples).Read();
    Directory.CreateDirectory(Path.Combine(module, "en-US"));
    using (var file = XmlWriter.Create(Path.Combine(module, "en-US", "HasuraMigrations.dll-Help.xml"), new XmlWriterSettings { Indent = true, NewLineChars = "\n" }))
    {
        MamlWriter.Write(commands).Save(file);
    }

    var directory = Path.Combine(pages, "docs", "cmdlets");
    Directory.CreateDirectory(directory);
    var writer = new PageWriter(commands);
    foreach (var command in commands)
    {
        File.WriteAllText(Path.Combine(directory, command.Name + ".md"), writer.Write(command));
    }

    File.WriteAllText(Path.Combine(pages, "README.md"), CommandTable.Replace(File.ReadAllText(Path.Combine(root, "README.md")).ReplaceLineEndings("\n"), commands, "docs/cmdlets"));
    return 0;
}
catch (HelpException e)
{
    Console.Error.WriteLine($"HelpWriter : error HELP: {e.Message}");
    return 1;
}
