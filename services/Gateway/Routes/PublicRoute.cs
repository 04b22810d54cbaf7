using KvAspire.Gateway.Admission.Budgets;
using KvAspire.TokenChecking;

namespace KvAspire.Gateway.Routes;

/// <summary>
/// A path that the public can reach, and every fact about it. The row is metadata of the route's endpoint
/// (<see cref="Of"/>), so that each step of the pipeline reads the same one.
/// </summary>
/// <param name="Id">The route's name in settings, logs and metrics.</param>
/// <param name="Path">The path as a route template.</param>
/// <param name="Methods">The methods.</param>
/// <param name="Service">The service that answers and describes the route.</param>
/// <param name="Policy">What a token must grant: a policy of <see cref="Scopes"/>, or <see cref="Anonymous"/>.</param>
/// <param name="Budget">The budget that its requests are counted in.</param>
/// <param name="TimeLimit">How long an answer may take; <c>Timeouts:{Id}</c> overrides it. Null for streams only.</param>
/// <param name="Tag">The route's group in the OpenAPI document, one of <see cref="Tags"/>.</param>
internal sealed record PublicRoute(
    string Id, string Path, string[] Methods, string Service, string Policy, BudgetKind Budget, TimeSpan? TimeLimit, string Tag)
{
    /// <summary>YARP's name for a route that needs no token.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>Whether the answer has no end of its own.</summary>
    public bool IsStream { get; } = TimeLimit is null;

    /// <summary>Whether a body may be as large as <c>Limits:MaxLargeRequestBodyBytes</c>: it carries many values.</summary>
    public bool TakesLargeBodies { get; init; }

    /// <summary>Whether it is never refused for overload: a user who fears for the account must be able to sign out.</summary>
    public bool PassesOverload { get; init; }

    /// <summary>Whether it is for one entry, by its path, so that small requests that come together go as one batch.</summary>
    public bool IsOfOneEntry { get; init; }

    /// <summary>Whether its errors have the format of RFC 6749, section 5.2, also those of the gateway.</summary>
    public bool HasOAuthErrors { get; init; }

    /// <summary>How a client authenticates itself (RFC 6749, section 2.3).</summary>
    public ClientAuthentication Client { get; init; }

    /// <summary>A scope that the service asks for beside <see cref="Policy"/>.</summary>
    public string? FurtherScope { get; init; }

    /// <summary>The route of a request; null where no route of ours matched.</summary>
    public static PublicRoute? Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<PublicRoute>();
}

/// <summary>Whether clients of a route send <c>client_id</c> and <c>client_secret</c>.</summary>
internal enum ClientAuthentication
{
    /// <summary>No client does.</summary>
    None,

    /// <summary>Confidential clients do.</summary>
    Optional,

    /// <summary>Every client does.</summary>
    Required,
}
