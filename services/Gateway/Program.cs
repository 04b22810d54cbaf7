using KvAspire.Gateway.ApiKeys;
using KvAspire.Gateway.Batches;
using KvAspire.Gateway.Docs;
using KvAspire.Gateway.Forwarding;
using KvAspire.Gateway.Headers;
using KvAspire.Gateway.Limits;
using KvAspire.Gateway.Messages;
using KvAspire.Gateway.Overload;
using KvAspire.Gateway.RateLimits;
using KvAspire.Gateway.Routing;
using KvAspire.Gateway.Trust;
using KvAspire.ServiceDefaults;
using KvAspire.ServiceDefaults.Redis;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.Extensions.Options;

try
{
    if (args is [MergeCommand.Argument, .. var parts])
        return await MergeCommand.RunAsync(parts);

    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddTrustedNetworks().AddAnswerHeaders().AddCrossOrigins();
    builder.AddAccessTokens().AddApiKeys();
    builder.AddPlainFraming().AddBodyLimit().AddSlowClients().AddConnectionLimits();
    builder.AddRedis(isOptional: true);
    builder.AddRateLimits();
    builder.AddOverload();
    builder.AddForwarding(PublicRoutes.All);
    builder.AddBatches();

    var app = builder.Build();
    app.UseAnswerHeaders();
    app.UseForwardedHeadersOfOurOwn();
    app.UseHopHeaders();
    app.UseBatches();
    app.UseServiceDefaults();
    app.UsePlainFraming();
    app.UseCrossOrigins();
    app.UseBodyLimit();
    app.UsePlainTargets();
    app.UseApiKeys();
    app.UseAuthentication();
    app.UseRateLimits();
    app.UseAuthorization();
    app.MapDocs();
    app.MapForwarding().LimitBodies().CountRequests();
    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (exception is OptionsValidationException or IOException)
{
    await Console.Error.WriteLineAsync($"The gateway cannot start. {exception.Message}");
    return 1;
}
