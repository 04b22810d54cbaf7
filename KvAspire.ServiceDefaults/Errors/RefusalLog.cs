using System.Collections.Concurrent;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>
/// Writes one line for each request that gets an error, where the error is made: status, code, reason, method and route, never the
/// path. A service's error that the gateway passes on is logged by the service alone.
/// </summary>
public sealed partial class RefusalLog : IDisposable
{
    private const string NoReason = "as the code says", NoRoute = "(no route)";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, LineBudget> budgets = [];
    private readonly RefusalLogOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<RefusalLog> logger;
    private readonly ITimer timer;
    private int isCounting;

    /// <summary>Creates the log.</summary>
    public RefusalLog(IOptions<RefusalLogOptions> options, TimeProvider time, ILogger<RefusalLog> logger)
    {
        (this.options, this.time, this.logger) = (options.Value, time, logger);
        using (ExecutionContext.SuppressFlow()) // the timer is part of no request's trace
            timer = time.CreateTimer(static log => ((RefusalLog)log!).TellOmitted(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Writes the line of a request, unless there are too many.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status of the answer.</param>
    /// <param name="code">The error code of the answer.</param>
    /// <param name="reason">More than the code says. A text of ours, without data of users.</param>
    /// <param name="exception">The cause, whose stack is logged for 500 and its like.</param>
    public void Write(HttpContext context, int status, string code, string? reason = null, Exception? exception = null)
    {
        if (!logger.IsEnabled(LevelOf(status)))
            return;

        if (!budgets.GetOrAdd(code, static (_, log) => new(log.options.LinesPerSecond, log.time), this).TryTake())
        {
            if (Volatile.Read(ref isCounting) == 0 && Interlocked.Exchange(ref isCounting, 1) == 0)
                timer.Change(Second, Timeout.InfiniteTimeSpan);
            return;
        }

        var (method, route, why) = (KnownMethods.Of(context.Request), RouteOf(context), reason ?? exception?.GetType().Name ?? NoReason);
        switch (LevelOf(status))
        {
            case LogLevel.Error:
                LogFailed(logger, method, route, status, code, why, exception);
                break;
            case LogLevel.Warning:
                LogUnavailable(logger, method, route, status, code, why);
                break;
            default:
                LogRefused(logger, method, route, status, code, why);
                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    // The client's fault is worth a look only beside others. A 503 is a lost dependency or too much load; the rest are faults.
    private static LogLevel LevelOf(int status) => status switch
    {
        < StatusCodes.Status500InternalServerError => LogLevel.Information,
        StatusCodes.Status503ServiceUnavailable => LogLevel.Warning,
        _ => LogLevel.Error,
    };

    // The template. After an exception, the request has lost its endpoint.
    private static string RouteOf(HttpContext context)
    {
        var endpoint = UntracedRequests.EndpointOf(context);
        return endpoint?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route
            ?? (endpoint as RouteEndpoint)?.RoutePattern.RawText
            ?? NoRoute;
    }

    private void TellOmitted()
    {
        Volatile.Write(ref isCounting, 0);
        foreach (var (code, budget) in budgets)
        {
            if (budget.TakeOmitted() is > 0 and var omitted)
                LogOmitted(logger, omitted, code);
        }
    }

    [LoggerMessage(EventIds.RequestRefused, LogLevel.Information, "{Method} {Route} is refused with {Status} {Code}: {Reason}.", EventName = nameof(EventIds.RequestRefused))]
    private static partial void LogRefused(ILogger logger, string method, string route, int status, string code, string reason);

    [LoggerMessage(EventIds.RequestUnavailable, LogLevel.Warning, "{Method} {Route} cannot be served, {Status} {Code}: {Reason}.", EventName = nameof(EventIds.RequestUnavailable))]
    private static partial void LogUnavailable(ILogger logger, string method, string route, int status, string code, string reason);

    [LoggerMessage(EventIds.RequestFailed, LogLevel.Error, "{Method} {Route} failed with {Status} {Code}: {Reason}.", EventName = nameof(EventIds.RequestFailed))]
    private static partial void LogFailed(ILogger logger, string method, string route, int status, string code, string reason, Exception? exception);

    [LoggerMessage(EventIds.RefusalsOmitted, LogLevel.Information, "{Count} more answers with {Code} are not in the log.", EventName = nameof(EventIds.RefusalsOmitted))]
    private static partial void LogOmitted(ILogger logger, long count, string code);
}
