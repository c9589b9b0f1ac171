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
    var context = new ModuleLoadContext(Path.GetFullPath(module));
    var commands = new CommandReader(context.LoadModule(), comments, examples).Read();
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

    File.WriteAllText(Path.Combine(pages, "README.md"), CommandTable.Replace(Text(root, "README.md"), commands, "docs/cmdlets"));
    var errors = ErrorPage.Replace(Text(root, "docs/errors.md"), ErrorRow.Read(context.LoadContracts()));
    File.WriteAllText(Path.Combine(pages, "docs", "errors.md"), errors);
    WriteTopic("_Errors", text => ErrorTopic.Replace(text, errors));
    WriteTopic("", text => CommandTopic.Replace(text, commands));
    return 0;
}
catch (HelpException e)
{
    Console.Error.WriteLine($"HelpWriter : error HELP: {e.Message}");
    return 1;
}

void WriteTopic(string part, Func<string, string> fill)
{
    var topic = $"en-US/about_HasuraMigrations{part}.help.txt";
    File.WriteAllText(Path.Combine(module, topic), fill(Text(module, topic)));
}

static string Text(string directory, string file) => File.ReadAllText(Path.Combine(directory, file)).ReplaceLineEndings("\n");
