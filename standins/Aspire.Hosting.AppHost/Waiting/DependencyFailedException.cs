using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Something that a resource waits for has ended and will not become what it must be.</summary>
internal sealed class DependencyFailedException(string message) : DistributedApplicationException(message)
{
    public static DependencyFailedException Of(ResourceEvent dependency) => new(
        $"'{dependency.ResourceId}', which it waits for, {Fate(dependency.Snapshot)}.");

    private static string Fate(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.FailedToStart ? "could not start"
        : snapshot.ExitCode is { } code ? $"ended with exit code {code}"
        : "has stopped";
}
