using KvAspire.Gateway.Admission.ApiKeys;
using KvAspire.Gateway.Admission.Budgets;
using KvAspire.Gateway.Admission.Gates;
using KvAspire.Gateway.Docs;
using KvAspire.Gateway.Edge.Connections;
using KvAspire.Gateway.Edge.Framing;
using KvAspire.Gateway.Edge.Headers;
using KvAspire.Gateway.Edge.Targets;
using KvAspire.Gateway.Edge.Trust;
using KvAspire.Gateway.Forwarding;
using KvAspire.Gateway.Forwarding.Batches;
using KvAspire.Gateway.Home;
using KvAspire.Gateway.Routes;
using KvAspire.Redis;
using KvAspire.ServiceDefaults;
using KvAspire.TokenChecking;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

try
{
    if (args is [MergeCommand.Argument, .. var parts])
        return await MergeCommand.RunAsync(parts);

    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddTrustedNetworks().AddSecurityHeaders().AddAllowedOrigins();
    builder.AddStrictFraming().AddBodyLimit().AddSlowClients().AddConnectionLimits().AddSharedPort();
    builder.AddRedis(isOptional: true);
    builder.AddAccessTokens(withoutKeys: HealthStatus.Degraded).AddApiKeys();
    builder.AddBudgets().AddOverload();
    builder.AddForwarding(PublicRoutes.All).AddBatches().AddStartupReadiness();

    var app = builder.Build();
    app.UseSecurityHeaders();
    app.UseTrustedProxies();
    app.UseHopByHopHeaders();
    app.UseServiceDefaults();
    app.UseStrictFraming();
    app.UseAllowedOrigins();
    app.UseBodyLimit();
    app.UseStrictTargets();
    app.UseApiKeys();
    app.UseAccessTokenAuthentication();
    app.UseBudgets();
    app.UseAccessTokenAuthorization();
    app.UseOverload();
    app.UseBatches();
    app.MapHome();
    app.MapDocs();
    app.MapForwarding();
    app.RequireBudgets();
    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (exception is OptionsValidationException or IOException)
{
    await Console.Error.WriteLineAsync($"The gateway cannot start. {exception.Message}");
    return 1;
}
