namespace HasuraMigrations;

/// <summary>Where the value of a project setting came from, strongest first.</summary>
public enum SettingSource
{
    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>The project's env file.</summary>
    EnvFile,

    /// <summary><c>config.yaml</c>.</summary>
    ConfigFile,

    /// <summary>Nothing sets it.</summary>
    Default,
}

/// <summary>One setting of a project.</summary>
/// <param name="Key">The key as in <c>config.yaml</c>, nested ones with dots.</param>
/// <param name="Value">Its value; secrets are masked.</param>
/// <param name="Source">Where the value came from.</param>
public sealed record ProjectSetting(string Key, string Value, SettingSource Source);
