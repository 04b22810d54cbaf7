using System.Text.Json;

namespace KvAspire.Client;

/// <summary>Settings of a client that <c>AddKvClient</c> registers. One kind of credentials is needed.</summary>
public sealed class KvClientSettings
{
    /// <summary>The gateway's URL. Required.</summary>
    public Uri? Address { get; set; }

    /// <summary>An API key, <c>kva_…</c>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The id of a client of RFC 6749, section 4.4; with <see cref="ClientSecret"/>.</summary>
    public string? ClientId { get; set; }

    /// <summary>The secret of the client.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>The scopes of the client, separated by spaces; null for all.</summary>
    public string? Scope { get; set; }

    /// <summary>The name of a user; with <see cref="Password"/>.</summary>
    public string? Username { get; set; }

    /// <summary>The password of the user.</summary>
    public string? Password { get; set; }

    /// <summary>Any other credentials.</summary>
    public KvCredentials? Credentials { get; set; }

    /// <inheritdoc cref="KvClientOptions.Values"/>
    public JsonSerializerOptions Values { get; set; } = KvJson.Default;

    /// <summary>The maximum number of retries of a request that is safe to repeat, 0 to 100. Default: 4.</summary>
    public int MaxRetries { get; set; } = 4;

    /// <inheritdoc cref="KvClientOptions.RetryDelay"/>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc cref="KvClientOptions.MaxRetryDelay"/>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc cref="KvClientOptions.AttemptTimeout"/>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc cref="KvClientOptions.RenewBefore"/>
    public TimeSpan RenewBefore { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc cref="KvClientOptions.WatchSilence"/>
    public TimeSpan WatchSilence { get; set; } = TimeSpan.FromSeconds(40);

    /// <summary>Whether the Aspire integration adds no health check.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether the Aspire integration does not collect the client's spans.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Whether the Aspire integration does not collect the client's metrics.</summary>
    public bool DisableMetrics { get; set; }

    // Each kind of credentials that is set.
    internal IEnumerable<KvCredentials> AllCredentials()
    {
        if (Credentials is not null)
            yield return Credentials;
        if (ApiKey is not null)
            yield return KvCredentials.ApiKey(ApiKey);
        if (ClientId is not null && ClientSecret is not null)
            yield return KvCredentials.Client(ClientId, ClientSecret, Scope);
        if (Username is not null && Password is not null)
            yield return KvCredentials.Password(Username, Password);
    }
}
