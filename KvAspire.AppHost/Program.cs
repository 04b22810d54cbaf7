using KvAspire.AppHost.Lab;
using KvAspire.AppHost.Services;
using KvAspire.Hosting;
using KvAspire.Hosting.Ports;
using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);
var settings = builder.Configuration;
builder.AwaitFixedPorts();

// Encrypts the signing keys and other secrets at rest. The first run generates the key and keeps it.
var keyEncryptionKey = builder.AddParameter(
    "key-encryption-key", new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true, persist: true)
    .WithDescription("Encrypts the signing keys and other secrets at rest.");

// Authenticates the dashboard's commands to a service.
var operatorSecret = builder.AddParameter("operator-secret", new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true)
    .WithDescription("Proves the dashboard's commands to a service.");

// Proves the services to one another.
var serviceSecret = builder.AddParameter(
    "service-secret", new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true)
    .WithDescription("Proves the services to one another.");

// Containers where an engine answers, programs of this machine elsewhere: docs/explanations/hosting.md.
var postgres = builder.AddPostgresServer("postgres", settings.GetValue<int?>("Ports:Postgres")).WithIconName("DatabaseMultiple").WithoutLinks();
if (settings.GetValue("Persist", true))
    postgres.WithDataVolume();

var identitydb = postgres.AddDatabase("identitydb");
var datadb = postgres.AddDatabase("datadb");
var (identityRoles, dataRoles) = (postgres.AddRoles(identitydb), postgres.AddRoles(datadb));
var cache = builder.AddRedisServer("cache", settings.GetValue<int?>("Ports:Cache")).WithIconName("TopSpeed").WithoutLinks();

// The three services, each with as many replicas as the settings say. The gateway's public URL is the issuer of the tokens.
var gateway = builder.AddService<Projects.Gateway>("gateway", "DoorArrowRight");
var identity = builder.AddService<Projects.Identity>("identity", "PersonKey");
var data = builder.AddService<Projects.Data>("data", "Braces");
var issuer = gateway.SharePort();

var identityMigrations = builder.AddProject<Projects.Identity>("identity-migrations", ToMigrate).AsBuilt()
    .WithArgs("migrate")
    .WithReference(identityRoles.Migrator).WaitFor(identitydb)
    .WithIconName("DatabaseArrowUp").WithParentRelationship(identity.Replicas[0]);
var dataMigrations = builder.AddProject<Projects.Data>("data-migrations", ToMigrate).AsBuilt()
    .WithArgs("migrate")
    .WithReference(dataRoles.Migrator).WaitFor(datadb)
    .WithIconName("DatabaseArrowUp").WithParentRelationship(data.Replicas[0]);

// Without this parameter the migration generates the first administrator's password and shows it once.
if (settings["Parameters:first-admin-password"] is not null)
    identityMigrations.WithEnvironment("FirstAdmin__Password", builder.AddParameter("first-admin-password", secret: true)
        .WithDescription("Password of the user admin, for the first migration."));

// For a start after a new key-encryption key was set: docs/how-to/rotate-the-key-encryption-key.md.
var formerKeyEncryptionKey = settings["Parameters:former-key-encryption-key"] is null ? null
    : builder.AddParameter("former-key-encryption-key", secret: true).WithDescription("Decrypts what the key before it encrypted.");
if (formerKeyEncryptionKey is not null)
{
    builder.AddProject<Projects.Identity>("identity-reencryption", ToMigrate).AsBuilt()
        .WithArgs("reencrypt")
        .WithEnvironment("SigningKeys__EncryptionKey", keyEncryptionKey)
        .WithEnvironment("SigningKeys__DecryptionKeys__0", formerKeyEncryptionKey)
        .WithReference(identityRoles.Service).WaitForCompletion(identityMigrations)
        .WithIconName("KeyReset").WithParentRelationship(identity.Replicas[0]);
    identity.Each(replica => replica.WithEnvironment("SigningKeys__DecryptionKeys__0", formerKeyEncryptionKey));
}

// Services wait for their schema, not for one another: each is healthy once it has what it needs.
identity.Each(replica => replica
    .WithEnvironment("SigningKeys__EncryptionKey", keyEncryptionKey)
    .WithEnvironment("Operator__Secret", operatorSecret)
    .WithReference(identityRoles.Service).WaitForCompletion(identityMigrations)
    .WithReference(data)); // to export and erase a user's entries
data.Each(replica => replica
    .WithEnvironment("Operator__Secret", operatorSecret)
    .WithReference(dataRoles.Service).WaitForCompletion(dataMigrations)
    .WithReference(cache)
    .WithReference(identity));
gateway.Each(replica => replica
    .WithReference(cache)
    .WithReference(identity)
    .WithReference(data)
    .WithSettings("RateLimits", "TrustedNetworks", "Cors", "Hsts"));

// The gateways tell the services behind them where a client comes from. Here they run on this machine; where a published
// manifest is deployed, its operator knows their networks.
if (builder.ExecutionContext.IsRunMode)
{
    foreach (var replica in new[] { identity, data }.SelectMany(service => service.Replicas))
    {
        replica.WithEnvironment("TrustedNetworks__0", "127.0.0.0/8");
        replica.WithEnvironment("TrustedNetworks__1", "::1/128");
    }
}

foreach (var replica in new[] { gateway, identity, data }.SelectMany(service => service.Replicas))
{
    replica.WithEnvironment("Tokens__Issuer", issuer);
    replica.WithEnvironment("ServiceCalls__Secret", serviceSecret);
    replica.WithEnvironment("DOTNET_GCgen0size", "0x2000000"); // by default the collector may run after every 2 MB
}

builder.AddFailureLab(
    (gateway, issuer), identity, data, postgres, cache, new(operatorSecret.Resource, serviceSecret.Resource));

builder.Build().Run();

// A migration serves nothing, so it gets neither ports nor a launch profile.
static void ToMigrate(ProjectResourceOptions options) =>
    (options.ExcludeLaunchProfile, options.ExcludeKestrelEndpoints) = (true, true);
