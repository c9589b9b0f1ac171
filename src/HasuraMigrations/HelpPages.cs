namespace HasuraMigrations;

/// <summary>Address of the pages that <c>Get-Help -Online</c> opens.</summary>
internal static class HelpPages
{
    /// <summary>
    /// Directory of the pages, one for each command. Begins with <c>ProjectUri</c> of the manifest. The domain is a reserved one
    /// (RFC 2606) that can belong to nobody, until the pages have a public place.
    /// </summary>
    internal const string Base = "https://hasura-migrations.example/docs/cmdlets/";
}
