using System.Collections.Concurrent;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps what each resource wrote lately, and passes it on to whoever watches.</summary>
public class ResourceLoggerService : IDisposable
{
    private readonly ConcurrentDictionary<string, ResourceLog> _logs = new(ResourceName.Comparer);

    /// <summary>Told of every line of every resource, with the id of the process it came from.</summary>
    internal event Action<string, LogLine>? LineWritten;

    public ILogger GetLogger(IResource resource) => GetLogger(InstanceIds.Of(resource).First());

    public ILogger GetLogger(string resourceName) => Log(resourceName);

    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => WatchAsync(InstanceIds.Of(resource).First());

    /// <summary>What is kept, then every new line, until the resource's log is completed.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => Log(resourceName).WatchAsync();

    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource) => GetAllAsync(InstanceIds.Of(resource).First());

    /// <summary>What is kept.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        await Task.CompletedTask;
        yield return Log(resourceName).Kept;
    }

    public void Complete(IResource resource) => Complete(InstanceIds.Of(resource).First());

    public void Complete(string name) => Log(name).Complete();

    public void Dispose()
    {
        foreach (var log in _logs.Values)
            log.Complete();

        GC.SuppressFinalize(this);
    }

    internal ResourceLog Log(string resourceId) =>
        _logs.GetOrAdd(resourceId, static (id, service) => new ResourceLog(line => service.LineWritten?.Invoke(id, line)), this);
}
