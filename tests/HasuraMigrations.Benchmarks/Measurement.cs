using System.Diagnostics;

namespace HasuraMigrations.Benchmarks;

/// <summary>Something to measure.</summary>
/// <param name="Name">Name of the row.</param>
/// <param name="Run">Does it.</param>
internal sealed record Row(string Name, Func<Task> Run)
{
    /// <summary>Prepares a run; not measured.</summary>
    internal Func<Task> Before { get; init; } = () => Task.CompletedTask;

    /// <summary>Undoes a run; not measured.</summary>
    internal Func<Task> After { get; init; } = () => Task.CompletedTask;

    /// <summary>Counts what is printed in a column of its own; null for none.</summary>
    internal Func<double>? Count { get; init; }
}

/// <summary>The times of a row in milliseconds.</summary>
internal sealed record Sample(IReadOnlyList<double> Times, double? Count)
{
    internal double Median => Times.Order().ElementAt(Times.Count / 2);

    internal string Range => $"{Times.Min():N0} .. {Times.Max():N0}";
}

/// <summary>Measures rows, and prints them as a table of Markdown.</summary>
internal static class Measurement
{
    /// <summary>Runs one row after the other, and all of them again: what slows the machine for a while then slows every row.</summary>
    internal static async Task<IReadOnlyDictionary<Row, Sample>> RunAsync(IReadOnlyList<Row> rows, int repeats)
    {
        var times = rows.ToDictionary(r => r, _ => new List<double>());
        var counts = new Dictionary<Row, double>();
        for (var i = 0; i < repeats; i++)
        {
            foreach (var row in rows)
            {
                await row.Before();
                var before = row.Count?.Invoke() ?? 0;
                var clock = Stopwatch.StartNew();
                await row.Run();
                times[row].Add(clock.Elapsed.TotalMilliseconds);
                counts[row] = (row.Count?.Invoke() ?? 0) - before;
                await row.After();
            }
        }

        return rows.ToDictionary(r => r, r => new Sample(times[r], r.Count is null ? null : counts[r]));
    }

    /// <summary>Prints a table.</summary>
    /// <param name="title">What was measured.</param>
    /// <param name="samples">The rows, in order.</param>
    /// <param name="against">The row that the last column compares with; null for none.</param>
    /// <param name="ratio">Head of the last column, and what it shows of a median and the one to compare with.</param>
    /// <param name="count">Head of the column of counts; null for none.</param>
    internal static void Print(string title, IReadOnlyDictionary<Row, Sample> samples, Row? against = null, (string Head, Func<double, double, string> Show)? ratio = null, string? count = null)
    {
        var repeats = samples.Values.Max(s => s.Times.Count);
        Console.WriteLine($"\n{title}, {repeats} run{(repeats == 1 ? "" : "s")}\n");
        var (head, show) = ratio ?? ("ratio", (own, other) => $"{own / other:N2}");
        List<string> heads = ["", "median ms", "range", .. against is null ? Array.Empty<string>() : [head], .. count is null ? Array.Empty<string>() : [count]];
        Console.WriteLine($"| {string.Join(" | ", heads)} |\n| --- |{string.Concat(Enumerable.Repeat(" ---: |", heads.Count - 1))}");
        foreach (var (row, sample) in samples)
        {
            List<string> cells = [row.Name, $"{sample.Median:N0}", sample.Range];
            if (against is not null)
            {
                cells.Add(show(sample.Median, samples[against].Median));
            }

            if (count is not null)
            {
                cells.Add(sample.Count is { } n ? $"{n:N0}" : "");
            }

            Console.WriteLine($"| {string.Join(" | ", cells)} |");
        }
    }
}
