using System.Reflection;
using System.Text;
using Npgsql;

namespace HasuraMigrations.TestServer.Sql;

/// <summary>
/// Sends a text as one simple query, as libpq does: the server cuts it, values come as text, and the last statement's
/// result counts. Npgsql has that only inside, for its own BEGIN and COMMIT; its version is pinned and a test watches it.
/// </summary>
internal static class SimpleQuery
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Type Connector = Inside("Npgsql.Internal.NpgsqlConnector");
    private static readonly PropertyInfo ConnectorOf = typeof(NpgsqlConnection).GetProperty("Connector", Any)!;
    private static readonly MethodInfo Start = Connector.GetMethod("StartUserAction", Any, [typeof(CancellationToken), typeof(bool)])!;
    private static readonly MethodInfo Write = Connector.GetMethod("WriteQuery", Any, [typeof(string), typeof(bool), typeof(CancellationToken)])!;
    private static readonly MethodInfo Flush = Connector.GetMethod("Flush", Any, [typeof(bool), typeof(CancellationToken)])!;
    private static readonly MethodInfo Break = Connector.GetMethod("Break", Any, [typeof(Exception), typeof(bool)])!;
    private static readonly MethodInfo Read = Connector.GetMethods(Any).Single(m => m.Name == "ReadMessage" && m.GetParameters().Length == 2);
    private static readonly PropertyInfo Buffer = Connector.GetProperty("ReadBuffer", Any)!;
    private static readonly Type ReadBuffer = Inside("Npgsql.Internal.NpgsqlReadBuffer");
    private static readonly MethodInfo Int16 = ReadBuffer.GetMethod("ReadInt16", Any, [])!;
    private static readonly MethodInfo Int32 = ReadBuffer.GetMethod("ReadInt32", Any, [])!;
    private static readonly MethodInfo Bytes = ReadBuffer.GetMethod("ReadBytes", Any, [typeof(byte[]), typeof(int), typeof(int)])!;

    /// <summary>Runs a text to its end.</summary>
    /// <returns>Header and rows of the last statement; null where it returns none.</returns>
    /// <exception cref="PostgresException">What the server said.</exception>
    /// <exception cref="CopyRequestedException">A statement wants to copy from or to the client.</exception>
    internal static async Task<List<string[]>?> RunAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        var connector = ConnectorOf.GetValue(session)!;
        using var action = (IDisposable)Start.Invoke(connector, [cancellationToken, true])!;
        await (Task)Write.Invoke(connector, [sql, true, cancellationToken])!;
        await (Task)Flush.Invoke(connector, [true, cancellationToken])!;
        List<string[]>? rows = null, last = null;
        while (true)
        {
            var message = await MessageAsync(connector);
            switch (message.GetType().GetProperty("Code", Any)!.GetValue(message)!.ToString())
            {
                case "RowDescription":
                    rows = [Names(message)];
                    break;
                case "DataRow":
                    rows!.Add(Values(Buffer.GetValue(connector)!));
                    break;
                case "CommandComplete" or "EmptyQueryResponse":
                    (last, rows) = (rows, null);
                    break;
                case "CopyInResponse" or "CopyOutResponse":
                    // The server waits for data that nobody has, so the session is of no more use.
                    throw (Exception)Break.Invoke(connector, [new CopyRequestedException(), false])!;
                case "ReadyForQuery":
                    return last;
            }
        }
    }

    private static async Task<object> MessageAsync(object connector)
    {
        // 0: whole rows, so that their values can be read at once.
        var pending = Read.Invoke(connector, [true, Enum.ToObject(Read.GetParameters()[1].ParameterType, 0)])!;
        var task = (Task)pending.GetType().GetMethod("AsTask")!.Invoke(pending, [])!;
        await task;
        return task.GetType().GetProperty("Result")!.GetValue(task)!;
    }

    private static string[] Names(object description)
    {
        var type = description.GetType();
        var (count, item) = ((int)type.GetProperty("Count", Any)!.GetValue(description)!, type.GetProperty("Item", Any, null, null, [typeof(int)], null)!);
        return [.. Enumerable.Range(0, count).Select(i => item.GetValue(description, [i])!).Select(f => (string)f.GetType().GetProperty("Name", Any)!.GetValue(f)!)];
    }

    private static string[] Values(object buffer)
    {
        var values = new string[(short)Int16.Invoke(buffer, [])!];
        for (var i = 0; i < values.Length; i++)
        {
            var length = (int)Int32.Invoke(buffer, [])!;
            if (length < 0)
            {
                values[i] = "NULL";
                continue;
            }

            var bytes = new byte[length];
            Bytes.Invoke(buffer, [bytes, 0, length]);
            values[i] = Encoding.UTF8.GetString(bytes);
        }

        return values;
    }

    private static Type Inside(string name) => typeof(NpgsqlConnection).Assembly.GetType(name, throwOnError: true)!;
}

/// <summary>A statement wants to copy from or to the client, which no API of Hasura can.</summary>
internal sealed class CopyRequestedException : Exception;
