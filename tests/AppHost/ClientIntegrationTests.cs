using System.Reflection;
using System.Text.Json;
using Aspire.Hosting.Testing;
using KvAspire.Client;
using KvAspire.Client.Administration;
using KvAspire.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>The Aspire integration of the client, its administration, and what applications need to test their own code.</summary>
public sealed class ClientIntegrationTests(RunningSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Uri Gateway => system.App.GetEndpoint("gateway", "http");

    [Fact]
    public async Task AddKvClient_finds_the_system_by_connection_string_or_by_service_discovery()
    {
        var name = (await system.RegisterAsync(Cancel)).Username;
        var builder = Application(
            ("ConnectionStrings:kv", $"Endpoint={Gateway};Username={name};Password={Account.Password}"),
            ("services:shop-kv:http:0", Gateway.AbsoluteUri), ("KvAspire:Client:shop-kv:Username", name), ("KvAspire:Client:shop-kv:Password", Account.Password));
        builder.AddKvClient("kv");
        builder.AddKeyedKvClient("shop-kv");
        using var host = builder.Build();

        await host.Services.GetRequiredService<KvClient>().SetAsync("k", 1, cancellationToken: Cancel);
        Assert.Equal(1, (await host.Services.GetRequiredKeyedService<KvClient>("shop-kv").GetAsync<int>("k", cancellationToken: Cancel))!.Value);

        var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);
        Assert.Equal(["KvAspire.Client", "KvAspire.Client:shop-kv"], health.Entries.Keys.Order());
        Assert.Equal(HealthStatus.Healthy, health.Status);
    }

    [Fact]
    public void The_delegate_wins_over_the_connection_string_over_the_connections_section_over_the_common_section()
    {
        var builder = Application(
            ("KvAspire:Client:Address", "http://common"), ("KvAspire:Client:MaxRetries", "1"), ("KvAspire:Client:RenewBefore", "00:00:01"), ("KvAspire:Client:ApiKey", "a"),
            ("KvAspire:Client:kv:Address", "http://own"), ("KvAspire:Client:kv:MaxRetries", "2"), ("KvAspire:Client:kv:ApiKey", "b"),
            ("KvAspire:Client:DisableHealthChecks", "true"), ("ConnectionStrings:kv", "Endpoint=http://connection;ApiKey=c"));
        builder.AddKvClient("kv", settings => settings.ApiKey = "d");
        using var host = builder.Build();

        var settings = host.Services.GetRequiredService<IOptions<KvClientSettings>>().Value;

        Assert.Equal(
            (new Uri("http://connection"), 2, TimeSpan.FromSeconds(1), "d"), (settings.Address!, settings.MaxRetries, settings.RenewBefore, settings.ApiKey));
        Assert.Null(host.Services.GetService<HealthCheckService>());
    }

    [Fact]
    public void The_configuration_schema_has_each_setting_that_configuration_can_set()
    {
        using var schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "clients", "KvAspire.Client.Aspire", "ConfigurationSchema.json")));
        var described = schema.RootElement.GetProperty("properties").GetProperty("KvAspire").GetProperty("properties").GetProperty("Client").GetProperty("properties");
        string[] inCodeOnly = [nameof(KvClientSettings.Credentials), nameof(KvClientSettings.Values)];

        Assert.Equal(
            typeof(KvClientSettings).GetProperties().Select(setting => setting.Name).Except(inCodeOnly).Order(),
            described.EnumerateObject().Select(setting => setting.Name).Order());
    }

    [Fact]
    public async Task An_administrator_finds_changes_and_audits_users()
    {
        var name = (await system.RegisterAsync(Cancel)).Username;
        using var client = new KvClient(Gateway, KvCredentials.Password("admin", RunningSystem.FirstAdminPassword), null, new DescribedAnswers(new SocketsHttpHandler()));
        var administration = new KvAdministration(client);

        var user = Assert.Single(await administration.UsersAsync(name, Cancel).ToListAsync(Cancel));
        Assert.NotNull((await administration.ChangeUserAsync(user.UserId, new() { Disabled = true }, Cancel)).DisabledAt);
        Assert.Equal(name, (await administration.UserAsync(user.UserId, Cancel)).Username);
        await administration.RevokeAsync(user.UserId, Cancel);
        Assert.NotEmpty(await administration.AuditAsync(new(Subject: user.UserId), Cancel).ToListAsync(Cancel));
        await administration.DeleteUserAsync(user.UserId, Cancel);
    }

    [Theory]
    [InlineData(typeof(KvClient))]
    [InlineData(typeof(KvAdministration))]
    public void Each_call_can_be_replaced_in_tests_of_applications(Type client)
    {
        var calls = client.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(call => call.Name.EndsWith("Async", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(calls);
        Assert.All(calls, call => Assert.True(call is { IsVirtual: true, IsFinal: false }, call.Name));
    }

    [Fact]
    public async Task A_fake_client_throws_the_error_of_a_code()
    {
        using KvClient kv = new FullStore();
        await Assert.ThrowsAsync<KvQuotaExceededException>(() => kv.SetUtf8Async("k", "1"u8.ToArray(), cancellationToken: Cancel));
    }

    private static HostApplicationBuilder Application(params (string Name, string Value)[] settings)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        return builder;
    }

    private sealed class FullStore : KvClient
    {
        public override Task<KvWritten> SetUtf8Async(string key, byte[] value, KvWrite? write = null, CancellationToken cancellationToken = default) =>
            throw KvException.Of(new(System.Net.HttpStatusCode.Forbidden, "QUOTA_EXCEEDED", "The quota is used up."));
    }
}
