namespace Aspire.Hosting.Processes;

/// <summary>A process to start. Secrets belong in the environment, on standard input or in a file: arguments can be read by all.</summary>
internal sealed class ProcessSpec
{
    public required string FileName { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public string WorkingDirectory { get; init; } = "/";

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? StandardInput { get; init; }

    /// <summary>Whom it runs as, when it must not run as root.</summary>
    public UnixUser? User { get; init; }

    /// <summary>What the system sends it when the AppHost is gone, however that came.</summary>
    public Signal DeathSignal { get; init; } = Signal.KILL;

    /// <summary>What asks it to stop.</summary>
    public Signal StopSignal { get; init; } = Signal.TERM;

    /// <summary>How long it may take to stop before it is killed.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(15);
}
