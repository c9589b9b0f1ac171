namespace HasuraMigrations.Engine.Records;

/// <summary>Code of roles we do not trust, in words; null for none.</summary>
/// <param name="History">What our history and log would run.</param>
/// <param name="State">What Hasura's record of migrations would run.</param>
/// <param name="Notice">What the notice to servers would run.</param>
/// <param name="Catalog">What anything of Hasura's catalog would run.</param>
internal sealed record UntrustedCode(string? History, string? State, string? Notice, string? Catalog)
{
    /// <summary>There is none.</summary>
    internal static readonly UntrustedCode None = new(null, null, null, null);

    /// <summary>Takes the row of <see cref="SqlResource.Untrusted"/>.</summary>
    internal static UntrustedCode Of(string?[] row) => new(row[0], row[1], row[2], row[3]);
}
