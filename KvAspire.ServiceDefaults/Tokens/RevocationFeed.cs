using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KvAspire.ServiceDefaults.Tokens;

/// <summary>
/// Asks Identity every second what was revoked since, so that no request has to. While Identity is away, this process
/// goes on with what it knows.
/// </summary>
internal sealed partial class RevocationFeed(
    IdentityAddresses identity, ITokenKeySource keys, RevocationList list, TimeProvider clock, ILogger<RevocationFeed> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private static readonly HttpClient Client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        Timeout = TimeSpan.FromSeconds(3),
    };

    private string cursor = "0";
    private bool isAway;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            await PollAsync(stoppingToken);
            list.Prune();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task PollAsync(CancellationToken stoppingToken)
    {
        // A request every second for ever is nobody's trace: the unsampled parent silences both ends.
        using var untraced = new Activity("kvaspire.revocations.poll").Start();
        try
        {
            RevocationPage page;
            do
            {
                page = await identity.TryEachAsync(replica => FetchAsync(replica, stoppingToken), stoppingToken);
                list.Add(page.Revocations);
                cursor = page.Cursor;
            }
            while (page.More);

            if (keys.Known is { } known && known.Version != page.Keys)
                await keys.RefreshAsync(known, stoppingToken);

            isAway = false;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException or TaskCanceledException)
        {
            if (!isAway && !stoppingToken.IsCancellationRequested)
                Log.NotFetched(logger, exception.Message);
            isAway = true;
        }
    }

    private async Task<RevocationPage> FetchAsync(Uri replica, CancellationToken stoppingToken) =>
        await Client.GetFromJsonAsync<RevocationPage>(new Uri(replica, $"internal/revocations?after={Uri.EscapeDataString(cursor)}"), stoppingToken)
        ?? throw new JsonException("The answer is empty.");

    private static partial class Log
    {
        [LoggerMessage(3002, LogLevel.Warning, "The revocations could not be fetched from the identity service: {Reason}")]
        public static partial void NotFetched(ILogger logger, string reason);
    }
}
