using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace KvAspire.Libraries.Tests;

/// <summary>A called service on a loopback port. By default it echoes the request's body.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly WebApplication app;
    private int requests;

    private Replica()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(context =>
        {
            Interlocked.Increment(ref requests);
            return Answer(context);
        });
    }

    public Uri Address => new(app.Urls.Single());

    /// <summary>The number of requests.</summary>
    public int Requests => Volatile.Read(ref requests);

    public RequestDelegate Answer { get; set; } = context => context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);

    public static async Task<Replica> StartAsync()
    {
        var replica = new Replica();
        await replica.app.StartAsync();
        return replica;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
