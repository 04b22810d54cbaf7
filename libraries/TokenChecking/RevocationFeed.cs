using System.Net.Http.Json;
using System.Text.Json;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polly.Timeout;

namespace KvAspire.TokenChecking;

/// <summary>
/// Polls Identity's new revocations every second, so that no request has to ask. During an outage of Identity the known
/// revocations stay in force.
/// </summary>
internal sealed partial class RevocationFeed(
    IHttpClientFactory clients, ITokenKeySource keys, RevocationList list, FeedState state, TimeProvider clock, ILogger<RevocationFeed> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly HttpClient client = clients.CreateClient(nameof(RevocationFeed));
    private string cursor = "0";
    private readonly RepeatedFailure failure = new(clock);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            await PollAsync(stoppingToken);
            list.Prune();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task PollAsync(CancellationToken stoppingToken)
    {
        using var untraced = BackgroundRound.Begin("kvaspire.revocations.poll", clock);
        try
        {
            RevocationPage page;
            do
            {
                page = await FetchAsync(stoppingToken);
                list.Add(page.Revocations);
                cursor = page.Cursor;
            }
            while (page.More);

            if (keys.Known is { } known && known.Version != page.Keys)
                await keys.RefreshAsync(known, stoppingToken);

            list.MarkFetched();
            if (failure.Succeeded())
                Log.FetchedAgain(logger);
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException or JsonException or OperationCanceledException)
        {
            if (!stoppingToken.IsCancellationRequested && failure.Failed())
                Log.NotFetched(logger, exception.Message);
        }
    }

    private async Task<RevocationPage> FetchAsync(CancellationToken stoppingToken)
    {
        var began = clock.GetTimestamp();
        using var response = await client.GetAsync($"/internal/revocations?after={Uri.EscapeDataString(cursor)}", stoppingToken);
        response.EnsureSuccessStatusCode();
        state.Answered(response.Headers.Date, clock.GetElapsedTime(began));
        return await response.Content.ReadFromJsonAsync<RevocationPage>(stoppingToken) ?? throw new JsonException("The response is empty.");
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RevocationsNotFetched, LogLevel.Warning, "The revocations could not be fetched from the identity service: {Reason}", EventName = nameof(EventIds.RevocationsNotFetched))]
        public static partial void NotFetched(ILogger logger, string reason);

        [LoggerMessage(EventIds.RevocationsFetchedAgain, LogLevel.Information, "The revocations are fetched again.", EventName = nameof(EventIds.RevocationsFetchedAgain))]
        public static partial void FetchedAgain(ILogger logger);
    }
}
