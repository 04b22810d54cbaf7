using KvAspire.Data;
using KvAspire.Data.Batches;
using KvAspire.Data.Bulk;
using KvAspire.Data.Counters;
using KvAspire.Data.Database;
using KvAspire.Data.Entries;
using KvAspire.Data.Listing;
using KvAspire.Data.OpenApi;
using KvAspire.Data.Owners;
using KvAspire.Data.Revisions;
using KvAspire.Data.Transactions;
using KvAspire.Data.Usage;
using KvAspire.Data.Watch;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults;
using KvAspire.ServiceDefaults.OpenApi;
using KvAspire.ServiceDefaults.Redis;
using KvAspire.ServiceDefaults.Requests;
using KvAspire.ServiceDefaults.Tokens;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddWholeRequests();
builder.AddDatabase();

if (args.Contains(MigrateCommand.Argument))
    return await MigrateCommand.RunAsync(builder);

builder.AddAccessTokens();
builder.AddRedis();
builder.AddEntries();
builder.AddWrites();
builder.AddListing();
builder.AddWatch();
builder.AddRevisions();
builder.AddUsage();
builder.AddOwners();
builder.AddDescription();
builder.Services.AddHostedService<WarmUp>();

var app = builder.Build();
app.UseServiceDefaults();
app.UseWholeRequests();
app.UseAuthentication();
app.UseAuthorization();
app.MapEntries();
app.MapBatchedReads();
app.MapBatchedWrites();
app.MapBulk();
app.MapTransactions();
app.MapCounters();
app.MapListing();
app.MapWatch();
app.MapRevisions();
app.MapUsage();
app.MapOwners();
return await app.RunOrDescribeAsync(args);
