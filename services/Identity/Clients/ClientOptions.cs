using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Identity.Clients;

/// <summary>The clients that are registered through configuration. Section <c>Clients</c>: a list.</summary>
internal sealed class ClientOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Clients";

    private const int MinSecret = 32;

    /// <summary>All of them.</summary>
    public IReadOnlyList<ConfiguredClient> All { get; set; } = [];

    /// <summary>Whether they can be used.</summary>
    public bool AreSound =>
        All.All(client => ClientRules.IsId(client.Id) && client.Secret.Length >= MinSecret && ClientRules.AreScopes(client.Scope))
        && All.DistinctBy(client => client.Id).Count() == All.Count;
}

/// <summary>A client as it is configured.</summary>
internal sealed class ConfiguredClient
{
    /// <summary>The <c>client_id</c>.</summary>
    public string Id { get; set; } = "";

    /// <summary>Its secret: 32 characters or more.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The scopes that it may ask for, separated by spaces.</summary>
    public string Scope { get; set; } = Scopes.Read;

    /// <summary>Whether users may give it their passwords: it is our own.</summary>
    public bool FirstParty { get; set; }
}
