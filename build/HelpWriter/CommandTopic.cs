namespace HasuraMigrations.HelpWriter;

/// <summary>The about topic of the module: its list of commands.</summary>
internal static class CommandTopic
{
    private const string Mark = "    {commands}\n";

    /// <summary>The topic with all commands.</summary>
    /// <param name="topic">Text of the topic, with a mark where they belong.</param>
    /// <param name="commands">The commands.</param>
    public static string Replace(string topic, IEnumerable<CommandHelp> commands) =>
        TopicText.Fill(topic, Mark, string.Concat(commands.Select(c => $"    {c.Name}\n{TopicText.Wrap(c.Synopsis.Plain, 8)}")));
}
