using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.Processes;

/// <summary>Says which process a resource is; asked each time it is about to start.</summary>
internal sealed class ProcessSourceAnnotation(Func<ProcessContext, CancellationToken, Task<ProcessSpec>> prepare) : IResourceAnnotation
{
    public Func<ProcessContext, CancellationToken, Task<ProcessSpec>> Prepare { get; } = prepare;
}

/// <summary>For which of a resource's processes, and how to say something about it.</summary>
internal sealed record ProcessContext(ResourceInstance Instance, IServiceProvider Services, ResourceLog Log);
