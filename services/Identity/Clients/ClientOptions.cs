namespace KvAspire.Identity.Clients;

/// <summary>The clients of the configuration. Section <c>Clients</c>: a list.</summary>
internal sealed class ClientOptions
{
    public const string Section = "Clients";

    private const int MinSecret = 32;

    public IReadOnlyList<ConfiguredClient> All { get; set; } = [];

    public bool AreSound =>
        All.All(client => ClientRules.IsId(client.Id) && client.Secret.Length >= MinSecret && ClientRules.AreScopes(client.Scope)
            && ClientRules.AreAudiences(client.Audiences))
        && All.DistinctBy(client => client.Id).Count() == All.Count;
}

internal sealed class ConfiguredClient
{
    /// <summary>The <c>client_id</c>.</summary>
    public string Id { get; set; } = "";

    /// <summary>The secret: 32 characters or more.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The scopes that the client may request, separated by spaces.</summary>
    public string Scope { get; set; } = Scopes.Read;

    /// <summary>The audiences that the client serves: it may introspect their tokens.</summary>
    public IReadOnlyList<string> Audiences { get; set; } = [];

    /// <summary>Whether users may give the client their passwords.</summary>
    public bool FirstParty { get; set; }
}
