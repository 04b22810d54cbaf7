namespace Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;

/// <summary>How a context reaches Postgres. Section <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL[:ContextName]</c>.</summary>
public sealed class NpgsqlEntityFrameworkCorePostgreSQLSettings
{
    /// <summary>The connection string; by default <c>ConnectionStrings:name</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Turns off the retry of transient failures.</summary>
    public bool DisableRetry { get; set; }

    /// <summary>Turns off the health check, which is named after the context.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Turns off the traces of the source <c>Npgsql</c>.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Turns off the metrics of the meter <c>Npgsql</c>.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>How long a command may take, in seconds; the driver's 30 where null.</summary>
    public int? CommandTimeout { get; set; }
}
