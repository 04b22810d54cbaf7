using System.Collections.Concurrent;
using KvAspire.Identity.Erasure;
using KvAspire.Identity.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Identity.Tests;

/// <summary>Two replicas of the data service. The first refuses connections.</summary>
public sealed class DataReplicaTests(IdentityFixture identity) : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> arrivals = [];
    private WebApplication data = null!;
    private IdentityService service = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        data = builder.Build();
        data.Run(context =>
        {
            arrivals.Enqueue($"{context.Request.Method} {context.Request.Path}");
            return context.Response.WriteAsync("{}", context.RequestAborted);
        });
        await data.StartAsync(Cancelled);
        service = IdentityService.Start(await identity.CreateMigratedDatabaseAsync(Cancelled), data: new(data.Urls.Single()));
    }

    public async ValueTask DisposeAsync()
    {
        await service.DisposeAsync();
        await data.DisposeAsync();
    }

    [Fact]
    public async Task An_account_is_exported_and_erased_at_the_available_replica()
    {
        await using var scope = service.Services.CreateAsyncScope();
        var owners = scope.ServiceProvider.GetRequiredService<DataOwners>();

        using var export = await owners.ExportAsync("somebody", Cancelled);
        await owners.EraseAsync("somebody", Cancelled);

        Assert.Equal("{}", await export!.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(["GET /internal/owners/somebody", "DELETE /internal/owners/somebody"], arrivals);
    }
}
