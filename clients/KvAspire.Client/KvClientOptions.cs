using System.Text.Json;

namespace KvAspire.Client;

/// <summary>How a <see cref="KvClient"/> behaves.</summary>
public sealed class KvClientOptions
{
    /// <summary>How values are written and read where no <c>JsonTypeInfo</c> is given.</summary>
    public JsonSerializerOptions Values { get; init; } = JsonSerializerOptions.Web;

    /// <summary>How often a request is sent again that may be: 4 times.</summary>
    public int MaxRetries { get; init; } = 4;

    /// <summary>The first wait before a retry, which doubles and is spread: 100 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait before a retry: 10 seconds. Where the service asks for more, the error is the caller's.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one attempt may take until its answer begins: 30 seconds.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long before its end a token is renewed: 30 seconds, or half of its life where that is less.</summary>
    public TimeSpan RenewBefore { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a watch may be silent before it is taken for lost: 40 seconds; the service gives a sign every 15.</summary>
    public TimeSpan WatchSilence { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
