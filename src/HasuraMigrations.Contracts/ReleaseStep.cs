namespace HasuraMigrations;

/// <summary>A step of a release, in the order in which they run.</summary>
public enum ReleaseStep
{
    /// <summary>Everything is read and checked; nothing is written.</summary>
    Planning,

    /// <summary>Sources that migrations need are added to the metadata of a server, or get their new connection.</summary>
    Sources,

    /// <summary>Metadata that refers to what the migrations drop, and will not any more, is written without these references.</summary>
    References,

    /// <summary>Migrations and repeatable files run.</summary>
    Migrations,

    /// <summary>The metadata is written.</summary>
    Metadata,

    /// <summary>Seed files run.</summary>
    Seeds,
}
