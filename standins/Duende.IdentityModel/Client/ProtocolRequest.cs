using System.Net.Http.Headers;

namespace Duende.IdentityModel.Client;

/// <summary>A request of the protocol.</summary>
public class ProtocolRequest : HttpRequestMessage
{
    /// <summary>Asks for JSON.</summary>
    public ProtocolRequest() => Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));

    /// <summary>Where it goes; the client's base address where null.</summary>
    public string? Address { get; set; }
}
