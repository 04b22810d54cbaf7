using System.Diagnostics;
using System.Security.Claims;
using KvAspire.Data.Writes;
using KvAspire.ServiceDefaults.Tokens;

namespace KvAspire.Data.Requests;

/// <summary>What a token says of who brings it.</summary>
internal static class Caller
{
    /// <summary>Who makes a change by a token: the subject, or the API key that stands for it.</summary>
    public static string NameOf(AccessTokenIdentity token) => (token.KeyPrefix is null ? null : token.SessionId) ?? token.Subject;

    extension(ClaimsPrincipal user)
    {
        /// <summary>Whose entries are meant. The check of tokens refuses one without a subject.</summary>
        public string Owner => user.Identity!.Name!;

        /// <summary>Who makes a change: the subject, or the API key that stands for it.</summary>
        public Actor Actor => new(NameOf(user.Token), Activity.Current?.TraceId.ToHexString());

        /// <summary>Whether the token is for reading: some requests read, and are let in as writers.</summary>
        public bool MayRead => user.Token.Grants(Scopes.Read);

        /// <summary>Whether the token is for writing: some requests write, and are let in as readers.</summary>
        public bool MayWrite => user.Token.Grants(Scopes.Write);

        /// <summary>Whether the token is for this key: one may be for those with a prefix only.</summary>
        public bool MayAccess(string key) => user.Token.Reaches(key);
    }
}
