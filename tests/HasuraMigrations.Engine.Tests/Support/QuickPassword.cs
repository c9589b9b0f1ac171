using System.Security.Cryptography;
using Npgsql;

namespace HasuraMigrations.Engine.Tests.Support;

/// <summary>
/// Keeps the password of a role as a SCRAM secret of one round (RFC 5802). With the 4096 of PostgreSQL, each of the thousands of sessions
/// of a test run takes milliseconds of both sides.
/// </summary>
internal static class QuickPassword
{
    private const int Rounds = 1;

    /// <summary>Writes the password of the connection string again, for its own role.</summary>
    public static async Task SetAsync(string connectionString)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new NpgsqlConnection(given.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"ALTER ROLE CURRENT_USER PASSWORD '{Secret(given.Password!)}'", connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Secret(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(password, salt, Rounds, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Rounds}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
