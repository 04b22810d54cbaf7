using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);
var settings = builder.Configuration;
var secret = builder.AddParameter("secret", new GenerateParameterDefault(), secret: true, persist: true);

var echo = builder.AddProject<Projects.Echo>("echo")
    .WithReplicas(settings.GetValue("Replicas", 1))
    .WithArgs(settings["Echo"]?.Split(' ') ?? [])
    .WithEnvironment("Secret", secret)
    .WithHttpHealthCheck("/health", endpointName: "http")
    .WithEndpoint("http", endpoint => endpoint.Port = settings.GetValue<int?>("Ports:Echo"))
    .WithEndpoint("h2c", endpoint => endpoint.Port = null);

if (settings.GetValue("Servers", false))
{
    var postgres = builder.AddPostgres("postgres");
    if (settings.GetValue("Persist", true))
        postgres.WithDataVolume();
    var db = postgres.AddDatabase("tinydb");
    var cache = builder.AddRedis("cache");
    echo.WithReference(db).WaitFor(db).WithReference(cache).WaitFor(cache);
}

builder.AddExecutable("client", "sleep", ".", "1000").WaitFor(echo);
builder.Build().Run();
