using System.Globalization;
using KvAspire.ClientNetworks;
using KvAspire.Database;
using KvAspire.GatewayProtocol;
using KvAspire.Identity;
using KvAspire.Identity.Accounts;
using KvAspire.Identity.Admin;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Discovery;
using KvAspire.Identity.Erasure;
using KvAspire.Identity.OpenApi;
using KvAspire.Identity.Passwords;
using KvAspire.Identity.SealedSecrets;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Tokens;
using KvAspire.Identity.Users;
using KvAspire.ServiceDefaults;
using KvAspire.ServiceDefaults.Services;

// ICU knows the cultures of the machine; this service formats and compares the same way everywhere.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddWholeRequests();
builder.AddIdentityDb();
builder.Services.AddAudit().AddUsers().AddPasswords();

if (args.Contains(MigrateCommand.Argument))
    return await MigrateCommand.RunAsync<IdentityDb>(builder, IdentityDb.Name, AdvisoryLocks.IdentityMigration,
        async (services, token) =>
        {
            await services.GetRequiredService<EmailForms>().RenewAsync(token);
            return await services.GetRequiredService<FirstAdmin>().EnsureAsync(token);
        });

if (args.Contains(ReencryptCommand.Argument))
    return await ReencryptCommand.RunAsync(builder);

builder.AddTrustedForwarding();
builder.AddErasure();
builder.Services.AddIdentityFunctionProbe();
builder.Services.AddAccounts().AddTokens().AddSignIns().AddDescription();

try
{
    var app = builder.Build();
    app.UseServiceDefaults();
    app.UseTrustedForwarding();
    app.UseWholeRequests();
    app.UseServiceSecret();
    app.UseNoStore();
    app.UseAccessTokenAuthentication();
    app.UseAccessTokenAuthorization();
    app.MapUsers().MapAccounts().MapUserAdministration().MapAuditAdministration().MapTokens().MapDiscovery();
    return await app.RunOrDescribeAsync(args);
}
catch (Exception exception) when (StartFailure.ReasonOf(exception) is { } reason)
{
    await Console.Error.WriteLineAsync($"The identity service cannot start. {reason}");
    return 1;
}
