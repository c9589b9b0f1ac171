using HasuraMigrations.Engine.Connections;
using HasuraMigrations.Engine.Impacts;
using HasuraMigrations.Engine.Metadata;
using HasuraMigrations.Engine.Metadata.Files;
using HasuraMigrations.Engine.Metadata.Model;
using HasuraMigrations.Engine.Projects;

namespace HasuraMigrations.Abstractions;

/// <summary>Base of the cmdlets that work on metadata.</summary>
/// <parameter name="ConnectionString" append="true">In a hashtable, the entry 'default' is used, or the only entry.</parameter>
/// <parameter name="MetadataConnectionString" append="true">
/// It overrides -Connection and -ConnectionString, and is ignored with -Endpoint, -AdminSecret or -Target Server. Without this
/// parameter, and without another connection parameter, HASURA_GRAPHQL_METADATA_DATABASE_URL is used if it is set, else the
/// default database of the project.
/// </parameter>
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
        var places = new ConnectionResolver(project, request, databaseCount: 1).ResolveMetadataPlaces();
        ReportOnce(places.Metadata.Findings);
        RunAsync(async cancellationToken =>
        {
            var target = MetadataTargets.Open(places, project);
            await using (target.ConfigureAwait(false))
            {
                await work(target, cancellationToken).ConfigureAwait(false);
            }
        });
    }

    /// <summary>The document that was read; what is odd about it is told.</summary>
    private protected MetadataDocument DocumentOf(MetadataInput input)
    {
        Report(input.Findings);
        return input.Document;
    }

    /// <summary>Writes what does not fit, and warns of it.</summary>
    private protected void WriteInconsistencies(string subject, IReadOnlyList<MetadataInconsistency> inconsistencies)
    {
        if (inconsistencies.Count > 0)
        {
            WriteWarning($"The metadata on {subject} is inconsistent in {inconsistencies.Count} {(inconsistencies.Count == 1 ? "object" : "objects")}.");
            WriteObject(inconsistencies, enumerateCollection: true);
        }
        else
        {
            WriteVerbose($"The metadata on {subject} is consistent.");
        }
    }

    /// <summary>The same inconsistent objects with file and line, where the project has them.</summary>
    private protected IReadOnlyList<MetadataInconsistency> Located(HasuraProject project, IReadOnlyList<MetadataInconsistency> inconsistencies)
    {
        if (!project.IsThere || inconsistencies.Count == 0)
        {
            return inconsistencies;
        }

        try
        {
            return InconsistencyPlaces.Locate(inconsistencies, MetadataFiles.Read(project).Document);
        }
        catch (HasuraMigrationException e)
        {
            // The files are no part of what was asked for.
            WriteVerbose($"The files of the project name no places: {e.Message}");
            return inconsistencies;
        }
    }

    /// <summary>Warns of sources that were not checked.</summary>
    private protected void WarnOfUnknown(IMetadataTarget target, MetadataConsistency consistency)
    {
        if (consistency.IsConsistent is null && consistency.UnknownSources.Count == 0)
        {
            WriteWarning($"{target.Description} has no metadata of Hasura.");
        }

        foreach (var source in consistency.UnknownSources)
        {
            WriteWarning($"The source '{source}' was not checked, because no connection to its database is known.");
        }
    }

    /// <summary>The databases of sources, by their names.</summary>
    private protected IReadOnlyDictionary<string, HasuraConnection> ReadDatabases(HasuraProject project, MetadataDocument document)
    {
        var places = new ConnectionResolver(project, ReadRequest(), databaseCount: 1).ResolveMetadataPlaces();
        ReportOnce(places.Metadata.Findings);
        return places.DatabasesOf(document);
    }

    /// <summary>The project where it is needed only if it is there.</summary>
    private protected HasuraProject OpenProjectOrNone(bool isNeeded) => isNeeded || Project is not null ? OpenProject() : OpenNearProject();
}
