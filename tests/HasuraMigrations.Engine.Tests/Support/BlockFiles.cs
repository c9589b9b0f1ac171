namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>Random files that begin and end transactions in every way.</summary>
internal static class BlockFiles
{
    private static readonly string[] Begins = ["BEGIN", "BEGIN", "BEGIN WORK", "START TRANSACTION", "BEGIN ISOLATION LEVEL SERIALIZABLE", "BEGIN READ ONLY", "BEGIN ISOLATION LEVEL REPEATABLE READ, READ WRITE", "BEGIN READ WRITE"];
    private static readonly string[] Ends = ["COMMIT", "COMMIT", "COMMIT", "END", "ROLLBACK", "ABORT", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN", "PREPARE TRANSACTION 'hm'", "COMMIT AND NO CHAIN"];
    private static readonly string[] Inside = ["SAVEPOINT s", "ROLLBACK TO s", "RELEASE s", "SET TRANSACTION READ WRITE", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SET LOCAL work_mem = '5MB'", "BEGIN", "COMMIT PREPARED 'hm'"];

    /// <summary>A file; its tables and sequences begin with a prefix, of which <c>{prefix}_log</c> and <c>{prefix}_seq</c> have to be there.</summary>
    public static string Random(Random random, string prefix)
    {
        var table = 0;
        var statements = new List<string>();
        var count = random.Next(2, 9);
        while (statements.Count < count)
        {
            statements.Add(random.Next(10) switch
            {
                0 or 1 => Pick(random, Begins),
                2 or 3 => Pick(random, Ends),
                4 => Pick(random, Inside),
                5 => $"CREATE TABLE {prefix}_t{++table} (id int)",
                6 => $"SELECT nextval('{prefix}_seq')",
                7 => $"INSERT INTO {prefix}_log SELECT current_setting('transaction_isolation') || current_setting('search_path')",
                8 => random.Next(6) == 0 ? "SELECT 1/0" : $"SET search_path = public, {prefix}",
                _ => $"INSERT INTO {prefix}_log VALUES ('{statements.Count}')",
            });
        }

        return string.Join(";\n", statements) + ";\n";
    }

    /// <summary>A file of whole blocks and statements between them, most of which run.</summary>
    public static string RandomBlocks(Random random, string prefix)
    {
        var table = 0;
        var text = new System.Text.StringBuilder();
        for (var left = random.Next(1, 5); left > 0; left--)
        {
            var isBlock = random.Next(4) > 0;
            var begin = Pick(random, Begins);
            text.Append(isBlock ? begin + ";\n" : "");
            for (var inner = random.Next(1, 4); inner > 0; inner--)
            {
                text.Append(random.Next(7) switch
                {
                    0 => $"SELECT nextval('{prefix}_seq')",
                    1 when isBlock => $"SAVEPOINT s;\nSET work_mem = '{random.Next(3, 9)}MB';\nINSERT INTO {prefix}_log VALUES ('undone');\nROLLBACK TO s",
                    2 => $"SET work_mem = '{random.Next(3, 9)}MB'",
                    3 => $"CREATE TABLE {prefix}_t{++table} (id int)",
                    4 when random.Next(4) == 0 => "SELECT 1/0",
                    _ => $"INSERT INTO {prefix}_log SELECT current_setting('transaction_isolation') || current_setting('work_mem')",
                }).Append(";\n");
            }

            text.Append(isBlock ? Pick(random, ["COMMIT", "COMMIT", "ROLLBACK"]) + ";\n" : "");
        }

        return text.ToString();
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
