using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Maps failures of the forwarder to errors: 503 if no replica could be reached, 504 after the time limit, 502 for a broken
/// response, 499 (never sent, only in telemetry) if the client has disconnected.
/// </summary>
internal static partial class ForwardingFailures
{
    private const int MaxLinesPerSecond = 10;

    public static void UseForwardingFailures(this WebApplication app)
    {
        var brokenAnswers = new LineBudget(MaxLinesPerSecond, app.Services.GetRequiredService<TimeProvider>());
        app.Use(async (context, next) =>
        {
            await next(context);
            if (context.Features.Get<IForwarderErrorFeature>() is not { } failure)
                return;

            if (context.RequestAborted.IsCancellationRequested || failure.Error is ForwarderError.ResponseBodyClient)
            {
                if (!context.Response.HasStarted)
                    context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
                return;
            }

            var status = Status(context, failure);
            var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
            if (!context.Response.HasStarted)
                await ResultOf(status, service, failure).ExecuteAsync(context);
            else if (brokenAnswers.TryTake())
                Log.NotForwarded(app.Logger, service, failure.Error, failure.Exception);
        });
    }

    /// <summary>Whether no connection was made, so that no byte of the request was sent.</summary>
    public static bool NeverConnected(this IForwarderErrorFeature failure) =>
        failure.Error is ForwarderError.Request && IsConnectFailure(failure.Exception);

    public static bool IsConnectFailure(Exception? exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError,
    };

    /// <summary>
    /// Whether the connection to the service broke before the response began. If that happens while the body is sent, YARP
    /// cancels reading the body and reports <see cref="ForwarderError.RequestBodyClient"/>.
    /// </summary>
    public static bool ConnectionBroke(this IForwarderErrorFeature failure) =>
        failure.Error is ForwarderError.Request or ForwarderError.RequestBodyDestination
        || (failure.Error is ForwarderError.RequestBodyClient
            && failure.Exception is AggregateException { InnerExceptions: [OperationCanceledException, ..] });

    private static ErrorResult ResultOf(int status, string service, IForwarderErrorFeature failure) => status < StatusCodes.Status500InternalServerError
        ? ErrorCatalogue.ForStatus(status).AsResult()
        : new(ErrorCatalogue.ForStatus(status)) { Reason = $"the {service} service, {failure.Error}", Cause = failure.Exception };

    private static int Status(HttpContext context, IForwarderErrorFeature failure) => failure.Error switch
    {
        ForwarderError.NoAvailableDestinations => StatusCodes.Status503ServiceUnavailable,
        _ when failure.NeverConnected() => StatusCodes.Status503ServiceUnavailable,
        _ when failure.ConnectionBroke() => StatusCodes.Status502BadGateway,
        ForwarderError.RequestBodyClient => context.Response.StatusCode, // 400, 408 or 413
        // The client is still connected, so the route's time limit has cancelled the request.
        ForwarderError.RequestTimedOut or ForwarderError.RequestCanceled
            or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status502BadGateway,
    };

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotForwarded, LogLevel.Warning, "An answer of the {Service} service broke off ({Error}).", EventName = nameof(EventIds.NotForwarded))]
        public static partial void NotForwarded(ILogger logger, string service, ForwarderError error, Exception? exception);
    }
}
