using System.Text.Json;

namespace KvAspire.Client;

/// <summary>Options of <see cref="KvClient"/>.</summary>
public sealed record KvClientOptions
{
    /// <summary>How values are read and written without a <c>JsonTypeInfo</c>. Default: <see cref="KvJson.Default"/>.</summary>
    public JsonSerializerOptions Values { get; set; } = KvJson.Default;

    /// <summary>The maximum number of retries of a request that is safe to repeat. Default: 4.</summary>
    public int MaxRetries { get; set; } = 4;

    /// <summary>The pause before the first retry, which doubles with jitter. Default: 100 ms.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The maximum pause before a retry. A longer <c>Retry-After</c> ends the retries. Default: 10 seconds.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The time limit of an attempt, up to the start of the response. Default: 30 seconds.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long before its end a token is renewed, at most half of its lifetime. Default: 30 seconds.</summary>
    public TimeSpan RenewBefore { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The silence after which a watch reconnects. Default: 40 seconds; heartbeats come every 15.</summary>
    public TimeSpan WatchSilence { get; set; } = TimeSpan.FromSeconds(40);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;
}
