namespace Aspire.StackExchange.Redis;

/// <summary>How the client reaches Redis. Section <c>Aspire:StackExchange:Redis</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>The connection string; by default <c>ConnectionStrings:name</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Turns off the health check, which is named <c>StackExchange.Redis</c>.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Turns off the traces.</summary>
    public bool DisableTracing { get; set; }
}
