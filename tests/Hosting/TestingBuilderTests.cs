using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Hosting.Tests;

public sealed class TestingBuilderTests
{
    [Fact]
    public async Task A_test_runs_the_AppHosts_own_program_and_can_change_what_it_describes()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.TinyAppHost>(
            ["Replicas=1", "Ports:Echo=8899"], TestContext.Current.CancellationToken);
        Assert.Equal("8899", builder.Configuration["Ports:Echo"]);
        Assert.Equal(["secret", "echo", "client"], builder.Resources.Select(r => r.Name));
        builder.CreateResourceBuilder((ProjectResource)builder.Resources[1]).WithEnvironment("FROM_TEST", "yes");
        builder.Services.ConfigureHttpClientDefaults(http => http.ConfigureHttpClient(c => c.DefaultRequestHeaders.Add("X-Test", "yes")));

        await using var app = await builder.BuildAsync(TestContext.Current.CancellationToken);
        await app.StartAsync(TestContext.Current.CancellationToken);
        await app.HealthyAsync("echo");
        using var client = app.CreateHttpClient("echo");

        Assert.NotEqual(8899, app.GetEndpoint("echo", "http").Port);
        Assert.Contains("\"FROM_TEST\":\"yes\"", await client.GetStringAsync(new Uri("/env", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(client.DefaultRequestHeaders.Contains("X-Test"));
    }

    [Fact]
    public async Task Two_tests_of_one_AppHost_run_side_by_side()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        await Task.WhenAll(first.HealthyAsync("echo"), second.HealthyAsync("echo"));

        Assert.NotEqual(first.GetEndpoint("echo"), second.GetEndpoint("echo"));

        static async Task<DistributedApplication> StartAsync()
        {
            var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.TinyAppHost>(TestContext.Current.CancellationToken);
            var app = await builder.BuildAsync(TestContext.Current.CancellationToken);
            await app.StartAsync(TestContext.Current.CancellationToken);
            return app;
        }
    }

    [Fact]
    public async Task An_unknown_resource_or_endpoint_is_refused()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.TinyAppHost>(TestContext.Current.CancellationToken);
        await using var app = await builder.BuildAsync(TestContext.Current.CancellationToken);

        Assert.Throws<ArgumentException>(() => app.GetEndpoint("nobody"));
        Assert.Throws<ArgumentException>(() => app.GetEndpoint("echo", "nowhere"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await app.GetConnectionStringAsync("echo", TestContext.Current.CancellationToken));
    }
}
