using System.ComponentModel.DataAnnotations;
using System.Threading.Channels;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KvAspire.Database;

/// <summary>How often a new backend of Postgres is asked. Section <c>FunctionProbe</c>.</summary>
public sealed class FunctionProbeOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "FunctionProbe";

    /// <summary>The time between two calls. A failed request, and a failed call, bring the next call forward to a second.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00", ErrorMessage = "FunctionProbe:Interval must be between 00:00:01 and 00:01:00.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary>
/// Calls a function of the database on a new connection, time and again. The process behind a pooled connection has loaded all it
/// needs. A new one may lack it: after an upgrade has replaced the files of a running server, for example, new processes cannot load
/// the language of the function, and every write on a new connection fails.
/// </summary>
public sealed partial class FunctionProbe : BackgroundService, IHealthCheck
{
    private const string Settings = "Pooling=false;Timeout=3;Command Timeout=3";

    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);

    private readonly string connectionString;
    private readonly Func<NpgsqlConnection, NpgsqlCommand> call;
    private readonly DatabaseFaultLog faults;
    private readonly TimeProvider time;
    private readonly ILogger<FunctionProbe> logger;
    private readonly TimeSpan interval;
    private readonly RepeatedFailure failure;
    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> suspicions = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile Finding finding = Finding.Good;

    /// <summary>Creates the probe.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="call">Makes a call that changes nothing.</param>
    /// <param name="options">The options.</param>
    /// <param name="faults">Reports the faults that requests meet.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public FunctionProbe(
        string connectionString, Func<NpgsqlConnection, NpgsqlCommand> call, IOptions<FunctionProbeOptions> options,
        DatabaseFaultLog faults, TimeProvider time, ILogger<FunctionProbe> logger)
    {
        (this.connectionString, this.call, this.faults, this.time, this.logger) = ($"{connectionString};{Settings}", call, faults, time, logger);
        (interval, failure) = (options.Value.Interval, new(time));
        faults.Reported += () => suspicions.Writer.TryWrite(true);
    }

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await first.Task.WaitAsync(cancellationToken);
        return new(finding.Status, finding.Description);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var untraced = BackgroundRound.Begin("kvaspire.function.probe", time);
        await Task.Yield();
        while (true)
        {
            finding = await ProbeAsync(stoppingToken);
            first.TrySetResult();
            await Task.Delay(ShortestPause, time, stoppingToken);
            if (finding.Status is HealthStatus.Healthy)
                await SuspicionAsync(stoppingToken);
        }
    }

    private async Task<Finding> ProbeAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(stoppingToken);
            await using var command = call(connection);
            await command.ExecuteNonQueryAsync(stoppingToken);
            failure.Succeeded();
            return Finding.Good;
        }
        catch (PostgresException exception)
        {
            return Judge(exception);
        }
#pragma warning disable CA1031 // no failure of a probe may end the service
        catch (Exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return finding; // Postgres does not answer, which DatabaseHealth finds out
        }
    }

    private Finding Judge(PostgresException exception)
    {
        var fault = DatabaseFaults.Of(exception.SqlState);
        if (fault is not null)
            faults.Log(fault);
        else if (failure.Failed())
            LogNotCallable(logger, exception.SqlState, exception);

        // Requests have the connections of the pools.
        return exception.SqlState is PostgresErrorCodes.TooManyConnections
            ? new(HealthStatus.Degraded, fault!.Cause)
            : new(HealthStatus.Unhealthy, $"{fault?.Cause ?? "A function of the database cannot be called."} (SQLSTATE {exception.SqlState})");
    }

    // Waits for the next turn, or until a request meets a fault.
    private async Task SuspicionAsync(CancellationToken stoppingToken)
    {
        try
        {
            await suspicions.Reader.ReadAsync(stoppingToken).AsTask().WaitAsync(interval, time, stoppingToken);
        }
        catch (TimeoutException)
        {
            // No request met one.
        }
    }

    [LoggerMessage(EventIds.FunctionNotCallable, LogLevel.Error, "A function of the database cannot be called (SQLSTATE {SqlState}).", EventName = nameof(EventIds.FunctionNotCallable))]
    private static partial void LogNotCallable(ILogger logger, string sqlState, Exception exception);

    private sealed record Finding(HealthStatus Status, string? Description)
    {
        public static readonly Finding Good = new(HealthStatus.Healthy, null);
    }
}

/// <summary>Adds the probe.</summary>
public static class FunctionProbeSetup
{
    /// <summary>Adds the probe of a function, and its health check.</summary>
    /// <param name="services">The service.</param>
    /// <param name="check">The check's name.</param>
    /// <param name="connectionString">Finds the connection string of the database.</param>
    /// <param name="call">Makes a call that changes nothing.</param>
    public static IServiceCollection AddFunctionProbe(
        this IServiceCollection services, string check, Func<IServiceProvider, string> connectionString,
        Func<IServiceProvider, Func<NpgsqlConnection, NpgsqlCommand>> call)
    {
        services.AddOptions<FunctionProbeOptions>().BindConfiguration(FunctionProbeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<FunctionProbe>(provider, connectionString(provider), call(provider)));
        services.AddHostedService(provider => provider.GetRequiredService<FunctionProbe>());
        services.AddHealthChecks().AddCheck<FunctionProbe>(check);
        return services;
    }
}
