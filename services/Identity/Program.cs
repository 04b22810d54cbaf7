using System.Data.Common;
using KvAspire.Identity.Accounts;
using KvAspire.Identity.Admin;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Discovery;
using KvAspire.Identity.Erasure;
using KvAspire.Identity.OpenApi;
using KvAspire.Identity.Passwords;
using KvAspire.Identity.SigningKeys;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Tokens;
using KvAspire.Identity.Users;
using KvAspire.ServiceDefaults;
using KvAspire.ServiceDefaults.OpenApi;
using KvAspire.ServiceDefaults.Requests;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddWholeRequests();
builder.AddIdentityDb();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddAudit();
builder.Services.AddUsers();
builder.Services.AddPasswords();

if (args.Contains("migrate"))
    return await MigrationRun.StartAsync(builder);

builder.AddErasure();
builder.Services.AddAccounts();
builder.Services.AddTokens();
builder.Services.AddSignIns();
builder.Services.AddDescription();

var app = builder.Build();
app.UseServiceDefaults();
app.UseWholeRequests();
app.UseAuthentication();
app.UseAuthorization();
app.MapUsers();
app.MapAccounts();
app.MapUserAdministration();
app.MapAuditAdministration();
app.MapTokens();
app.MapDiscovery();

try
{
    return await app.RunOrDescribeAsync(args);
}
catch (Exception exception) when (exception is OptionsValidationException or SigningKeyException or DbException or RetryLimitExceededException)
{
    var reason = exception is RetryLimitExceededException ? exception.GetBaseException() : exception;
    await Console.Error.WriteLineAsync($"The identity service cannot start. {reason.Message}");
    return 1;
}
