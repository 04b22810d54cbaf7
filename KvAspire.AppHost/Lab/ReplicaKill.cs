using KvAspire.Hosting.Programs;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.AppHost.Lab;

/// <summary>Ends a replica as a crash does: it does not drain, and its connections break.</summary>
internal static class ReplicaKill
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static LabCommand Of(string replica) => new(
        "kill", "Kill", "PlugDisconnected", "Ends the process with SIGKILL, as a crash does. The command Start starts it again.",
        context => RunAsync(replica, context))
    {
        Confirmation = $"Kill {replica}? Requests that it works on fail. Start starts it again.",
    };

    private static async Task<LabResult> RunAsync(string replica, ExecuteCommandContext context)
    {
        var resources = context.Services.GetRequiredService<ResourceNotificationService>();
        if (!await resources.SignalAsync(replica, ResourceSignals.Kill, context.CancellationToken))
            return new($"{replica} does not run. Start it with its command `start`.");

        await resources.WaitForResourceAsync(replica, KnownResourceStates.TerminalStates, context.CancellationToken)
            .WaitAsync(Patience, context.CancellationToken);
        return new(
            $"{replica} is killed. Start it again with its command `start`.",
            $"Resources: {replica} is Exited or Finished.",
            "Traces: requests on it end with an error. Reads go to another replica, if there is one.",
            "Structured logs of the gateway: which requests failed, and why.",
            "The gateway's `/health`, and its metric `http.server.request.duration` by status: 502 while the connection breaks, then 503.");
    }
}
