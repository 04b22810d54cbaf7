namespace Duende.IdentityModel.Client;

/// <summary>Asks for a discovery document.</summary>
public class DiscoveryDocumentRequest : ProtocolRequest
{
    /// <summary>What is demanded of it.</summary>
    public DiscoveryPolicy Policy { get; set; } = new();
}
