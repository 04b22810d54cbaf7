using System.Globalization;
using System.Net.Http.Json;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KvAspire.AppHost.Lab;

/// <summary>Requests of one user through the gateway, at a steady rate for a while: nine reads to a write.</summary>
internal sealed partial class RequestLoad(LabUser user)
{
    private const int Connections = 16, Keys = 100;

    private static readonly LabNumber Seconds = new("seconds", "For how long (s)", Usual: 20, Least: 1, Most: 600);
    private static readonly LabNumber Rate = new("rate", "Requests per second", Usual: 200, Least: 1, Most: 2000);

    private readonly Lock gate = new();
    private DateTimeOffset until;

    public LabCommand Command => new(
        "make-load", "Make load", "TopSpeed", $"Sends requests of the user {user.Name} through the gateway for a while, over {Connections} connections.", RunAsync)
    {
        Arguments = [Seconds.Input, Rate.Input],
    };

    private async Task<LabResult> RunAsync(ExecuteCommandContext context)
    {
        var time = context.Services.GetRequiredService<TimeProvider>();
        var (duration, rate) = (TimeSpan.FromSeconds(Seconds.Read(context)), Rate.Read(context));
        if (until > time.GetUtcNow())
            return Running();

        var gateway = await user.SignInAsync(Connections, context.CancellationToken);
        lock (gate)
        {
            if (until > time.GetUtcNow())
                return Running();

            until = time.GetUtcNow() + duration;
        }

        var stopping = context.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        _ = SendAsync(gateway, rate, time, context.Logger, stopping);
        return new(
            string.Create(CultureInfo.InvariantCulture, $"{rate} requests per second run until {until:HH:mm:ss} UTC. The console log of the gateway tells how they ended."),
            "Metrics of gateway: `http.server.request.duration`, `kvaspire.gateway.running`, `kvaspire.gateway.batch.size`.",
            "Metrics of data: `kvaspire.cache.reads`, `kvaspire.writes.batch`.",
            "Traces: `GET /api/data/{key}` and `PUT /api/data/{key}`. A second of this load is more than the traces that are kept.");

        LabResult Running() => new(string.Create(CultureInfo.InvariantCulture, $"Load runs already, until {until:HH:mm:ss} UTC."));
    }

    private async Task SendAsync(HttpClient gateway, int rate, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        using (gateway)
        {
            var tally = new LoadTally();
            try
            {
                await Task.WhenAll(Enumerable.Range(0, Connections).Select(worker => WorkAsync(gateway, worker, rate, tally, time, stopping)));
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }

            LogEnded(logger, tally.ToString());
        }
    }

    // Each worker has its own beat. One that falls behind does not catch up: a slow system gets less load, not a burst.
    private async Task WorkAsync(HttpClient gateway, int worker, int rate, LoadTally tally, TimeProvider time, CancellationToken stopping)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds((double)Connections / rate), time);
        for (var round = 0; time.GetUtcNow() < until && await beat.WaitForNextTickAsync(stopping); round++)
        {
            var number = (round * Connections) + worker;
            await tally.CountAsync(() => RequestAsync(gateway, number, stopping), time);
        }
    }

    // The first writes create the keys.
    private static Task<HttpResponseMessage> RequestAsync(HttpClient gateway, int number, CancellationToken stopping)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/api/data/load/{number % Keys}");
        return number < Keys || number % 10 == 0
            ? gateway.PutAsJsonAsync($"{path}?upsert=true", new { value = new { number } }, stopping)
            : gateway.GetAsync(path, stopping);
    }

    [LoggerMessage(EventIds.LoadEnded, LogLevel.Information, "The load has ended: {Tally}", EventName = nameof(EventIds.LoadEnded))]
    private static partial void LogEnded(ILogger logger, string tally);
}
