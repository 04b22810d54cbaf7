namespace Duende.IdentityModel.Client;

/// <summary>What kind of thing went wrong with a request.</summary>
public enum ResponseErrorType
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The server refused by the rules of the protocol (400).</summary>
    Protocol,

    /// <summary>The server answered another status than success.</summary>
    Http,

    /// <summary>There is no answer, or it cannot be read.</summary>
    Exception,

    /// <summary>The answer breaks the client's policy.</summary>
    PolicyViolation,
}
