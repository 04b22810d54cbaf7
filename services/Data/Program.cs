using KvAspire.ClientNetworks;
using KvAspire.Data.Batches;
using KvAspire.Data.Cache;
using KvAspire.Data.Changes;
using KvAspire.Data.Counters;
using KvAspire.Data.Database;
using KvAspire.Data.Entries;
using KvAspire.Data.Listing;
using KvAspire.Data.OpenApi;
using KvAspire.Data.Operations;
using KvAspire.Data.Owners;
using KvAspire.Data.Writes;
using KvAspire.Database;
using KvAspire.GatewayProtocol;
using KvAspire.OpenApi;
using KvAspire.Redis;
using KvAspire.ServiceDefaults;
using KvAspire.ServiceDefaults.Services;
using KvAspire.TokenChecking;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddWholeRequests();
builder.AddDatabase();

if (args.Contains(MigrateCommand.Argument))
    return await MigrateCommand.RunAsync<DataDb>(builder, DatabaseSetup.Name, AdvisoryLocks.DataMigration);

builder.AddTrustedForwarding();
builder.AddAccessTokens();
builder.AddRedis();
builder.AddEntryCache();
builder.AddEntries();
builder.AddWrites();
builder.AddListing();
builder.AddChanges();
builder.AddOwners();
builder.AddDescription();
builder.Services.AddHostedService<WarmUp>();

var app = builder.Build();
app.UseServiceDefaults();
app.UseTrustedForwarding();
app.UseWholeRequests();
app.UseServiceSecret();
app.UseAccessTokenAuthentication();
app.UseAccessTokenAuthorization();
app.MapEntries();
app.MapBatches();
app.MapOperations();
app.MapCounters();
app.MapListing();
app.MapChanges();
app.MapOwners();
return await app.RunOrDescribeAsync(args);
