using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);
var settings = builder.Configuration;

// Encrypts the private signing keys at rest. Generated at the first run and kept: README, "Configuration".
var keyEncryptionKey = builder.AddParameter(
    "key-encryption-key", new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true, persist: true);

// What the commands below present to a service, so that nobody else can give them.
var operatorSecret = builder.AddParameter("operator-secret", new GenerateParameterDefault { MinLength = 43, Special = false }, secret: true);

var postgres = builder.AddPostgres("postgres", port: settings.GetValue<int?>("Ports:Postgres"));
if (settings.GetValue("Persist", true))
    postgres.WithDataVolume();

var identitydb = postgres.AddDatabase("identitydb");
var datadb = postgres.AddDatabase("datadb");
var cache = builder.AddRedis("cache", port: settings.GetValue<int?>("Ports:Cache"));

// Declared first, for its address is in every token: the issuer is the public door.
var gateway = builder.AddProject<Projects.Gateway>("gateway");
var issuer = gateway.GetEndpoint("http");

var identityMigrations = builder.AddProject<Projects.Identity>("identity-migrations", ToMigrate)
    .WithArgs("migrate")
    .WithReference(identitydb).WaitFor(identitydb);

// The first administrator's password; where it is not given, the migration makes one up and shows it once.
if (settings["Parameters:first-admin-password"] is not null)
    identityMigrations.WithEnvironment("FirstAdmin__Password", builder.AddParameter("first-admin-password", secret: true));

var identity = builder.AddProject<Projects.Identity>("identity")
    .WithReplicas(settings.GetValue("Replicas:Identity", 1))
    .WithEnvironment("Tokens__Issuer", issuer)
    .WithEnvironment("SigningKeys__EncryptionKey", keyEncryptionKey)
    .WithEnvironment("Operator__Secret", operatorSecret)
    .WithHttpCommand("/internal/signing-keys/rotate", "Rotate the signing keys", "http", "rotate-signing-keys", new()
    {
        PrepareRequest = async context => context.Request.Headers.Authorization =
            new("Bearer", await operatorSecret.Resource.GetValueAsync(context.CancellationToken)),
    })
    .WithReference(identitydb).WaitForCompletion(identityMigrations)
    .WithHttpHealthCheck("/health", endpointName: "http");

var dataMigrations = builder.AddProject<Projects.Data>("data-migrations", ToMigrate)
    .WithArgs("migrate")
    .WithReference(datadb).WaitFor(datadb);

var data = builder.AddProject<Projects.Data>("data")
    .WithReplicas(settings.GetValue("Replicas:Data", 1))
    .WithEnvironment("Tokens__Issuer", issuer)
    .WithReference(datadb).WaitForCompletion(dataMigrations)
    .WithReference(cache).WaitFor(cache)
    .WithReference(identity).WaitFor(identity)
    .WithHttpHealthCheck("/health", endpointName: "http");
identity.WithReference(data); // exports and erases what a user has stored; the two start without one another

gateway
    .WithReplicas(settings.GetValue("Replicas:Gateway", 1))
    .WithEnvironment("Tokens__Issuer", issuer)
    .WithReference(identity).WaitFor(identity)
    .WithReference(data).WaitFor(data).WithReference(cache)
    .WithHttpHealthCheck("/health", endpointName: "http").WithExternalHttpEndpoints();
string[] passedOn = ["RateLimits", "TrustedNetworks", "Cors", "Hsts"];
foreach (var (name, value) in settings.AsEnumerable().Where(s => s.Value is not null && passedOn.Contains(s.Key.Split(':')[0])))
    gateway.WithEnvironment(name.Replace(":", "__"), value!);

foreach (var service in new[] { gateway, identity, data })
{
    service.WithEndpoint("http", endpoint => endpoint.Port = settings.GetValue($"Ports:{service.Resource.Name}", endpoint.Port));
    service.WithEndpoint("h2c", endpoint => endpoint.Port = null, createIfNotExists: false); // only services call it
    service.WithEnvironment("DOTNET_GCgen0size", "0x2000000"); // else it may collect after every 2 MB: README, "Configuration"
}

builder.Build().Run();

// A migration serves nothing, so it gets neither ports nor a launch profile.
static void ToMigrate(ProjectResourceOptions options) =>
    (options.ExcludeLaunchProfile, options.ExcludeKestrelEndpoints) = (true, true);
