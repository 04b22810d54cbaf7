using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>The part <c>Kestrel</c> of a project's own settings.</summary>
internal sealed class KestrelConfiguration
{
    private const string Http2 = "Http2";

    private readonly IConfiguration _configuration;

    private KestrelConfiguration(IConfiguration configuration) => _configuration = configuration;

    public IEnumerable<KestrelEndpoint> Endpoints => _configuration.GetSection("Kestrel:Endpoints").GetChildren()
        .Where(endpoint => endpoint["Url"] is not null)
        .Select(endpoint => new KestrelEndpoint(endpoint.Key, BindingAddress.Parse(endpoint["Url"]!), Transport(endpoint["Protocols"])));

    /// <summary>Reads <c>appsettings.json</c> and the one of the AppHost's own environment, as the real package does.</summary>
    public static KestrelConfiguration Read(IProjectMetadata project)
    {
        var folder = Path.GetDirectoryName(project.ProjectPath)!;
        var environment = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
            ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT");
        return new(new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(folder, "appsettings.json"), optional: true)
            .AddJsonFile(Path.Combine(folder, $"appsettings.{environment}.json"), optional: true)
            .Build());
    }

    /// <summary><c>http2</c> where Kestrel speaks only that; null: the usual.</summary>
    public string? Transport(string? protocols) =>
        (protocols ?? _configuration["Kestrel:EndpointDefaults:Protocols"]) == Http2 ? "http2" : null;
}

internal sealed record KestrelEndpoint(string Name, BindingAddress Address, string? Transport);
