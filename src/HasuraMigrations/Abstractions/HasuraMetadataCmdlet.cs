using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Projects;
using HasuraMigrations.Engine.Targets;
using HasuraMigrations.Engine.Targets.Postgres;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that work on metadata.</summary>
public abstract class HasuraMetadataCmdlet : HasuraTargetCmdlet
{
    private protected HasuraMetadataCmdlet()
    {
    }

    /// <summary>Runs work on the place where Hasura keeps its metadata.</summary>
    private protected void WithTarget(HasuraProject project, Func<IMetadataTarget, CancellationToken, Task> work) =>
        WithTarget(project, ReadRequest(), work);

    /// <summary>Runs work on a place that was named in another way.</summary>
    private protected void WithTarget(HasuraProject project, ConnectionRequest request, Func<IMetadataTarget, CancellationToken, Task> work)
    {
        var connection = new ConnectionResolver(project, request, databaseCount: 1).ResolveMetadata();
        RunAsync(async cancellationToken =>
        {
            var target = new PostgresMetadataTarget(connection, null, project.IsThere ? project.ConfigVersion : 3);
            await using (target.ConfigureAwait(false))
            {
                await work(target, cancellationToken).ConfigureAwait(false);
            }
        });
    }

    /// <summary>The document that was read; what is odd about it is told.</summary>
    private protected MetadataDocument Told(MetadataInput input)
    {
        Tell(input.Findings);
        return input.Document;
    }

    /// <summary>The project where it is needed only if it is there.</summary>
    private protected HasuraProject OpenProjectOrNone(bool isNeeded) => isNeeded || Project is not null ? OpenProject() : OpenNearProject();
}
