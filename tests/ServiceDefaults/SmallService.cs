using System.Net.Sockets;
using KvAspire.ServiceDefaults.Envelopes;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

// Services in one process share what it traces: while one records a request, so do the others that run.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace KvAspire.ServiceDefaults.Tests;

/// <summary>A service that has nothing but what all services share, on a real port.</summary>
internal sealed class SmallService : IAsyncDisposable
{
    /// <summary>Hears every service of this run of the tests, but not what tells secrets to see whether it is caught.</summary>
    public static Witness Witness { get; } = new(except: WitnessTests.Source);

    private readonly WebApplication app;

    private SmallService(WebApplication app) => this.app = app;

    /// <summary>A client of it.</summary>
    public HttpClient Client { get; private init; } = null!;

    /// <summary>Starts one with these settings.</summary>
    public static async Task<SmallService> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var builder = WebApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
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
        app.MapGet("/too-slow", string () => throw new BadHttpRequestException("too slow", StatusCodes.Status408RequestTimeout));
        app.MapPost("/unread", () => ErrorCatalogue.UnsupportedMediaType.AsResult());
        app.MapGet("/fields", () => ErrorCatalogue.InvalidRequest.AsResult("Some fields are wrong.",
            new Dictionary<string, string[]> { ["age"] = ["This field must be a number."] }));

        await app.StartAsync();
        return new(app) { Client = new() { BaseAddress = new Uri(app.Urls.Single()) } };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }
}
