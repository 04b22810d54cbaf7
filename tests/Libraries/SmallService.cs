using System.Net.Sockets;
using KvAspire.GatewayProtocol;
using KvAspire.ServiceDefaults;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

// The services of a process share its tracing: a recorded request in one makes the others record too.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace KvAspire.Libraries.Tests;

/// <summary>A service with only ServiceDefaults, on a real port.</summary>
internal sealed class SmallService : IAsyncDisposable
{
    /// <summary>The witness of all services in this run, except for the source of <see cref="WitnessTests"/>.</summary>
    public static Witness Witness { get; } = new(except: WitnessTests.Source);

    private readonly WebApplication app;

    private SmallService(WebApplication app) => this.app = app;

    public HttpClient Client { get; private init; } = null!;

    /// <summary>A client of the port of metrics, which Kestrel lists first where there is one.</summary>
    public HttpClient Metrics { get; private init; } = null!;

    public static async Task<SmallService> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var builder = WebApplication.CreateBuilder(["--Kestrel:Endpoints:http:Url", "http://127.0.0.1:0"]);
        builder.Configuration.AddInMemoryCollection(settings?.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddServiceDefaults();
        Witness.Attend(builder.Services);

        var app = builder.Build();
        app.UseServiceDefaults();
        app.UseWholeRequests();
        app.MapGet("/fine/{secret}", (string secret) => TypedResults.Ok(Success.Of("Fine.", new { SomeNumber = secret.Length })));
        app.MapGet("/bug", string () => throw new InvalidOperationException("a secret of the inside"));
        app.MapGet("/sign-in-bug", string () => throw new InvalidOperationException("a secret of the inside"))
            .WithMetadata(new UnhandledErrorMetadata(ErrorCatalogue.InternalError));
        app.MapGet("/lost", string () => throw new InvalidOperationException("wrapped", new SocketException(111)));
        app.MapGet("/polled", string () => throw new InvalidOperationException()).WithoutTraces();
        app.MapGet("/slow", async () => await Task.Delay(300));
        app.MapGet("/too-slow", string () => throw new BadHttpRequestException("too slow", StatusCodes.Status408RequestTimeout));
        app.MapPost("/unread", () => ErrorCatalogue.UnsupportedMediaType.AsResult());
        app.MapGet("/fields", () => ErrorCatalogue.InvalidRequest.AsResult("Some fields are wrong.",
            new Dictionary<string, string[]> { ["age"] = ["This field must be a number."] }));

        await app.StartAsync();
        return new(app)
        {
            Client = new() { BaseAddress = new Uri(app.Urls.Last()) },
            Metrics = new() { BaseAddress = new Uri(app.Urls.First()) },
        };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Metrics.Dispose();
        await app.DisposeAsync();
    }
}
