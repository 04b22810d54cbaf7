using System.Data.Common;
using Microsoft.Extensions.Configuration;

namespace KvAspire.Client;

/// <summary>A connection string: the gateway's URL, or settings such as <c>Endpoint=https://kv.example;ApiKey=kva_…</c>.</summary>
internal static class KvConnectionString
{
    public static void Apply(KvClientSettings settings, string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address))
        {
            settings.Address = address;
            return;
        }

        var parts = new DbConnectionStringBuilder { ConnectionString = text };
        string? Part(string name) => parts.TryGetValue(name, out var value) ? (string)value : null;
        settings.Bind(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Address"] = Part("Endpoint"),
            ["ApiKey"] = Part("ApiKey"),
            ["ClientId"] = Part("ClientId"),
            ["ClientSecret"] = Part("ClientSecret"),
            ["Scope"] = Part("Scope"),
            ["Username"] = Part("Username"),
            ["Password"] = Part("Password"),
        }).Build());
    }
}
