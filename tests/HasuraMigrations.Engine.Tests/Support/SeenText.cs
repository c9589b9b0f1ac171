using System.Collections;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>What people can see of an error.</summary>
internal static class SeenText
{
    /// <summary>Messages and data at every depth of causes, target, findings and advice.</summary>
    internal static string Of(Exception error)
    {
        var texts = new List<string>();
        for (var e = error; e is not null; e = e.InnerException)
        {
            texts.Add(e.Message);
            texts.AddRange(e.Data.Cast<DictionaryEntry>().Select(d => $"{d.Key}={d.Value}"));
            if (e is HasuraMigrationException ours)
            {
                texts.Add($"{ours.Target} {ours.RecommendedAction} {ours.File} {string.Join(' ', ours.Findings)}");
            }
        }

        return string.Join('\n', texts);
    }
}
