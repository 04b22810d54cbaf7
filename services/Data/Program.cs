using KvAspire.Data;
using KvAspire.Data.Cache;
using KvAspire.Data.Database;
using KvAspire.Data.Entries;
using KvAspire.ServiceDefaults;
using KvAspire.ServiceDefaults.Tokens;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddDatabase();

if (args.Contains(MigrateCommand.Argument))
    return await MigrateCommand.RunAsync(builder);

builder.AddAccessTokens();
builder.AddCache();
builder.AddEntries();
builder.Services.AddHostedService<WarmUp>();

var app = builder.Build();
app.UseServiceDefaults();
app.UseAuthentication();
app.UseAuthorization();
app.MapEntries();
await app.RunAsync();
return 0;
