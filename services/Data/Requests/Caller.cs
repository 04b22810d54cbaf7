using System.Diagnostics;
using System.Security.Claims;
using KvAspire.Data.Writes;
using KvAspire.TokenChecking;

namespace KvAspire.Data.Requests;

/// <summary>What the access token says of the caller.</summary>
internal static class Caller
{
    /// <summary>The actor of a change by this token: the id of the API key if the token is of one, else the subject.</summary>
    public static string NameOf(AccessTokenIdentity token) =>
        token is { ClientId: AccessTokenIdentity.ApiKeyClient, SessionId: { } key } ? key : token.Subject;

    extension(ClaimsPrincipal caller)
    {
        /// <summary>The owner of the entries. Token validation demands a subject.</summary>
        public string Owner => caller.Identity!.Name!;

        /// <summary>The actor of changes in this request.</summary>
        public Actor Actor => new(NameOf(caller.Token), Activity.Current?.TraceId.ToHexString());

        /// <summary>Whether the token grants reads: some endpoints admit tokens that can only write.</summary>
        public bool MayRead => caller.Token.Grants(Scopes.Read);

        /// <summary>Whether the token grants writes: some endpoints admit tokens that can only read.</summary>
        public bool MayWrite => caller.Token.Grants(Scopes.Write);

        /// <summary>Whether the token grants access to the key: it may be limited to a prefix.</summary>
        public bool MayAccess(string key) => caller.Token.Reaches(key);
    }
}
