using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using StackExchange.Redis;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

// The baseline of the cached read: the minimum that a gateway and a service with Redis do.
//   backend PORT HTTP-VERSION          returns the Redis value whose key is the path (ConnectionStrings__cache)
//   proxy PORT HTTP-VERSION BACKEND    forwards every request to BACKEND, over that version of HTTP
var (role, port, version) = (args[0], int.Parse(args[1], null), args[2]);
var builder = WebApplication.CreateEmptyBuilder(new());
builder.Configuration.AddEnvironmentVariables();
builder.Services.AddRoutingCore();
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, port, listen =>
        listen.Protocols = role == "backend" && version == "2" ? HttpProtocols.Http2 : HttpProtocols.Http1);
});

if (role == "proxy")
{
    builder.Services.AddReverseProxy().LoadFromMemory(
        [new RouteConfig { RouteId = "all", ClusterId = "backend", Match = new RouteMatch { Path = "{**any}" } }],
        [
            new ClusterConfig
            {
                ClusterId = "backend",
                Destinations = new Dictionary<string, DestinationConfig> { ["only"] = new() { Address = args[3] } },
                HttpRequest = new ForwarderRequestConfig
                {
                    Version = version == "2" ? HttpVersion.Version20 : HttpVersion.Version11,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                },
            },
        ]);
}

var app = builder.Build();
if (role == "proxy")
{
    app.MapReverseProxy();
}
else
{
    var redis = (await ConnectionMultiplexer.ConnectAsync(builder.Configuration.GetConnectionString("cache")!)).GetDatabase();
    app.Run(async context =>
    {
        byte[]? value = await redis.StringGetAsync(context.Request.Path.Value);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = value?.Length ?? 0;
        await context.Response.Body.WriteAsync(value, context.RequestAborted);
    });
}

await app.RunAsync();
