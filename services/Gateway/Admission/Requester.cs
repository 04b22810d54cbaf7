using System.Net;
using KvAspire.ClientNetworks;
using KvAspire.TokenChecking;

namespace KvAspire.Gateway.Admission;

/// <summary>Names the requester of a request: the user of its token, or else the network that it comes from.</summary>
internal static class Requester
{
    /// <summary>The user or network of a request.</summary>
    public static string Of(HttpContext context) =>
        context.User.Identity is AccessTokenIdentity token ? token.Subject : Network(context.Connection.RemoteIpAddress);

    /// <summary>The network of an address.</summary>
    public static string Network(IPAddress? address) => address is null ? "unknown" : ClientNetwork.Of(address).ToString();
}
