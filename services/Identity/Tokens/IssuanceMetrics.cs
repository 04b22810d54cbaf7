using System.Diagnostics.Metrics;
using Duende.IdentityModel;
using KvAspire.Identity.Audit;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Identity.Tokens;

/// <summary>Counts the issued access tokens, and the requests for one that were refused. All values come from closed sets.</summary>
internal sealed class IssuanceMetrics : IZeroedCounters
{
    /// <summary>The values of <c>grant</c> that are no grant type of RFC 6749.</summary>
    public const string ApiKey = "api_key", OtherGrant = "other";

    /// <summary>The values of <c>reason</c> that are no error code of RFC 6749.</summary>
    public const string InvalidCredentials = "invalid_credentials", Overloaded = "overloaded";

    /// <summary>Those of the codes that <c>/api/token</c> needs; it answers in the envelope.</summary>
    public const string InvalidScope = "invalid_scope", InvalidRequest = "invalid_request", UnsupportedGrantType = "unsupported_grant_type";

    private readonly Counter<long> issued;
    private readonly Counter<long> refused;

    public IssuanceMetrics(IMeterFactory meters, IHostEnvironment environment)
    {
        var meter = meters.Create(environment.ApplicationName);
        issued = meter.CreateCounter<long>("kvaspire.tokens.issued", "{token}", "Access tokens that were issued, by grant.");
        refused = meter.CreateCounter<long>("kvaspire.tokens.refused", "{token}", "Requests for an access token that were refused, by grant and reason.");
    }

    /// <inheritdoc/>
    public void Zero()
    {
        foreach (var grant in new[] { OidcConstants.GrantTypes.Password, OidcConstants.GrantTypes.RefreshToken, OidcConstants.GrantTypes.ClientCredentials, ApiKey })
            issued.Add(0, KeyValuePair.Create<string, object?>("grant", grant));
        foreach (var reason in new[] { InvalidCredentials, AuditOutcomes.Locked, AuditOutcomes.Disabled, Overloaded })
            Refuse(0, OidcConstants.GrantTypes.Password, reason);
    }

    /// <summary>Counts an issued token.</summary>
    public void Issue(string grant) => issued.Add(1, KeyValuePair.Create<string, object?>("grant", grant));

    /// <summary>Counts a refusal.</summary>
    /// <returns>The answer.</returns>
    public T Refuse<T>(string grant, string reason, T answer)
    {
        Refuse(1, grant, reason);
        return answer;
    }

    private void Refuse(int count, string grant, string reason) =>
        refused.Add(count, KeyValuePair.Create<string, object?>("grant", grant), KeyValuePair.Create<string, object?>("reason", reason));
}
