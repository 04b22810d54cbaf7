using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using Aspire.Hosting.Testing;
using KvAspire.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>The client as an application registers it, against the whole system.</summary>
public sealed class ClientRegistrationTests(RunningSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Uri Gateway => system.App.GetEndpoint("gateway", "http");

    [Fact]
    public async Task A_registered_client_repeats_creations_and_reads_after_503_but_no_other_write()
    {
        var name = (await system.RegisterAsync(Cancel)).Username;
        var weather = new Weather();
        await using var services = Services(name, weather);
        var kv = services.GetRequiredService<KvClient>();
        await kv.UsageAsync(Cancel); // with a token from here on

        weather.Next(HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable);
        await kv.CreateAsync("k", 1, cancellationToken: Cancel);
        Assert.Equal(3, weather.Requests.Count);
        Assert.Single(weather.Requests.Select(request => request.Once).Distinct());

        weather.Next(HttpStatusCode.BadGateway);
        Assert.Equal(1, (await kv.GetAsync<int>("k", cancellationToken: Cancel))!.Value);
        Assert.Equal(2, weather.Requests.Count);

        weather.Next(HttpStatusCode.ServiceUnavailable);
        await Assert.ThrowsAsync<KvException>(() => kv.SetAsync("k", 2, cancellationToken: Cancel));
        Assert.Single(weather.Requests);

        weather.Next(HttpStatusCode.ServiceUnavailable);
        await kv.SetAsync("k", 3, new() { IdempotencyKey = "mine" }, cancellationToken: Cancel);
        Assert.Equal(["mine", "mine"], weather.Requests.Select(request => request.Once));
    }

    [Fact]
    public async Task A_registered_client_waits_for_Retry_After_and_gives_up_where_that_is_too_long()
    {
        var name = (await system.RegisterAsync(Cancel)).Username;
        var weather = new Weather();
        await using var services = Services(name, weather);
        var kv = services.GetRequiredService<KvClient>();
        await kv.UsageAsync(Cancel);

        var start = Stopwatch.GetTimestamp();
        weather.RetryAfter = TimeSpan.FromSeconds(1);
        weather.Next(HttpStatusCode.TooManyRequests);
        await kv.SetAsync("k", 1, cancellationToken: Cancel);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.99, 9);

        weather.RetryAfter = TimeSpan.FromMinutes(1);
        weather.Next(HttpStatusCode.TooManyRequests);
        var limited = await Assert.ThrowsAsync<KvRateLimitedException>(() => kv.SetAsync("k", 2, cancellationToken: Cancel));
        Assert.Equal(TimeSpan.FromMinutes(1), limited.RetryAfter);
        Assert.Single(weather.Requests);
    }

    [Fact]
    public async Task Requests_have_a_user_agent_and_neither_logs_nor_telemetry_have_keys_values_or_tokens()
    {
        var name = (await system.RegisterAsync(Cancel)).Username;
        var (weather, heard) = (new Weather(), new ConcurrentQueue<string>());
        using var spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name is KvTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => heard.Enqueue($"span {span.DisplayName} {string.Join(' ', span.TagObjects)}"),
        };
        ActivitySource.AddActivityListener(spans);
        using var metrics = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name is KvTelemetry.Name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        metrics.SetMeasurementEventCallback<double>((instrument, _, tags, _) => heard.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        metrics.Start();
        await using (var services = Services(name, weather, logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new Ears(heard))))
        {
            var kv = services.GetRequiredService<KvClient>();
            weather.Next(HttpStatusCode.TooManyRequests);
            await kv.SetAsync("very-secret-key", "very-secret-value", cancellationToken: Cancel);
            await kv.GetAsync<string>("very-secret-key", cancellationToken: Cancel);
            await Assert.ThrowsAsync<KvKeyExistsException>(() => kv.CreateAsync("very-secret-key", 1, cancellationToken: Cancel));
        }

        Assert.All(weather.Requests, request => Assert.Matches(@"^KvAspire\.Client/\d+\.\d+\.\d+$", request.UserAgent));
        Assert.Contains("span kv create [kv.operation, create] [error.type, KEY_EXISTS]", heard);
        Assert.Contains("kvaspire.client.operation.duration [kv.operation, set]", heard);
        Assert.Contains(heard, line => line.StartsWith("KvAspire.Client: Retry 1 of P", StringComparison.Ordinal));
        Assert.Contains(heard, line => line.StartsWith("KvAspire.Client: GET answered 200", StringComparison.Ordinal));
        string[] secrets = ["very-secret", Account.Password, "eyJ", "?key="];
        Assert.DoesNotContain(heard, line => secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_health_check_is_healthy_while_the_gateway_is_and_needs_no_token()
    {
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(Gateway));
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(new("http://localhost:1")));

        static async Task<HealthStatus> HealthAsync(Uri gateway)
        {
            var services = new ServiceCollection().AddLogging();
            services.AddKvClient(settings => (settings.Address, settings.ApiKey) = (gateway, "kva_none"));
            services.AddHealthChecks().AddKvClient(failureStatus: HealthStatus.Degraded);
            await using var provider = services.BuildServiceProvider();
            return (await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel)).Status;
        }
    }

    [Theory]
    [InlineData("Address must be", "ApiKey=k")]
    [InlineData("One kind of credentials", "Address=http://localhost")]
    [InlineData("One kind of credentials", "Address=http://localhost", "ApiKey=k", "Username=a", "Password=b")]
    [InlineData("Username and Password belong together", "Address=http://localhost", "ApiKey=k", "Username=a")]
    [InlineData("ClientId and ClientSecret belong together", "Address=http://localhost", "ApiKey=k", "ClientSecret=a")]
    [InlineData("MaxRetries must be", "Address=http://localhost", "ApiKey=k", "MaxRetries=101")]
    [InlineData("RetryDelay must be", "Address=http://localhost", "ApiKey=k", "RetryDelay=00:00:20")]
    [InlineData("AttemptTimeout must be", "Address=http://localhost", "ApiKey=k", "AttemptTimeout=00:00:00")]
    [InlineData("RenewBefore must be", "Address=http://localhost", "ApiKey=k", "RenewBefore=-00:00:01")]
    [InlineData("WatchSilence must be", "Address=http://localhost", "ApiKey=k", "WatchSilence=00:00:00")]
    public async Task An_application_does_not_start_with_settings_that_are_wrong(string objection, params string[] settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Kv:{setting.Split('=')[0]}", (string?)setting.Split('=')[1])));
        builder.Services.AddKvClient(builder.Configuration.GetSection("Kv"));
        using var host = builder.Build();

        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel));

        Assert.StartsWith(objection, Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_of_the_wrong_type_is_named_without_its_value()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection([new("Kv:Address", "no URL")]).Build().GetSection("Kv");
        var refusal = Assert.Throws<FormatException>(() => new KvClientSettings().Bind(section));
        Assert.Equal("The setting Kv:Address is not a valid Uri.", refusal.Message);
    }

    private ServiceProvider Services(string name, Weather weather, Action<ILoggingBuilder>? logging = null)
    {
        var services = new ServiceCollection().AddLogging(logging ?? (_ => { }));
        services.AddKvClient(settings =>
        {
            (settings.Address, settings.Username, settings.Password) = (Gateway, name, Account.Password);
            settings.RetryDelay = TimeSpan.FromMilliseconds(20);
        }).AddHttpMessageHandler(() => weather);
        return services.BuildServiceProvider();
    }

    /// <summary>Answers the next requests in place of the system.</summary>
    private sealed class Weather : DelegatingHandler
    {
        private readonly Queue<HttpStatusCode> next = [];

        public List<(string UserAgent, string? Once)> Requests { get; } = [];

        public TimeSpan? RetryAfter { get; set; }

        public void Next(params HttpStatusCode[] statuses)
        {
            Requests.Clear();
            foreach (var status in statuses)
                next.Enqueue(status);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add((request.Headers.UserAgent.ToString(), request.Headers.TryGetValues("Idempotency-Key", out var keys) ? keys.Single() : null));
            if (!next.TryDequeue(out var status))
                return base.SendAsync(request, cancellationToken);

            var response = new HttpResponseMessage(status);
            if (RetryAfter is { } pause)
                response.Headers.RetryAfter = new RetryConditionHeaderValue(pause);
            return Task.FromResult(response);
        }
    }

    private sealed class Ears(ConcurrentQueue<string> heard) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Ear(heard, categoryName);

        public void Dispose()
        {
        }

        private sealed class Ear(ConcurrentQueue<string> heard, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                heard.Enqueue($"{category}: {formatter(state, exception)} {exception}");
        }
    }
}
