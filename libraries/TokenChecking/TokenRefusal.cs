namespace KvAspire.TokenChecking;

/// <summary>Why an access token was refused.</summary>
public enum TokenRefusal
{
    /// <summary>It is no JWT of our form.</summary>
    Malformed,

    /// <summary>It names a key that Identity does not publish.</summary>
    UnknownKey,

    /// <summary>The signature is wrong.</summary>
    Signature,

    /// <summary>A claim is missing, of the wrong type, or not meant for us.</summary>
    Claims,

    /// <summary>It has expired.</summary>
    Expired,

    /// <summary>It was revoked.</summary>
    Revoked,
}

/// <summary>The outcome of a check.</summary>
/// <param name="Identity">The identity of a valid token.</param>
/// <param name="Refusal">Why the token is not valid.</param>
public readonly record struct TokenVerdict(AccessTokenIdentity? Identity, TokenRefusal? Refusal);
