namespace HasuraMigrations;

/// <summary>Address of the pages that <c>Get-Help -Online</c> opens.</summary>
internal static class HelpPages
{
    /// <summary>Directory of the pages, one for each command. Begins with <c>ProjectUri</c> of the manifest.</summary>
    internal const string Base = "https://github.com/hasura-migrations/hasura-migrations/blob/main/docs/cmdlets/";
}
