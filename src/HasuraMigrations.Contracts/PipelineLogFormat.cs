namespace HasuraMigrations;

/// <summary>The commands for an agent that a command writes into the log of a pipeline.</summary>
public enum PipelineLogFormat
{
    /// <summary>Those of the agent that runs this process, as its environment variables say; none elsewhere.</summary>
    Auto,

    /// <summary>None.</summary>
    Plain,

    /// <summary>Logging commands of Azure Pipelines.</summary>
    AzureDevOps,

    /// <summary>Workflow commands of GitHub Actions.</summary>
    GitHub,
}
