using KvAspire.ServiceDefaults.Errors;
using Yarp.ReverseProxy.Forwarder;

namespace KvAspire.Gateway.Forwarding;

/// <summary>
/// Tells the ways of failing to forward apart: 503 where no replica could be reached, 504 where none answered in time,
/// 502 where the answer was broken, 499 (never sent) where the client has gone.
/// </summary>
internal static partial class ForwardingFailures
{
    public static void UseForwardingFailures(this WebApplication app)
    {
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
            if (status >= StatusCodes.Status500InternalServerError)
                Log.NotForwarded(app.Logger, context.GetReverseProxyFeature().Cluster.Config.ClusterId, failure.Error, status, failure.Exception);
            if (!context.Response.HasStarted)
                await ErrorCatalogue.ForStatus(status).AsResult().ExecuteAsync(context);
        });
    }

    /// <summary>Whether no connection was made, so that nothing of the request can have been sent.</summary>
    public static bool NeverConnected(this IForwarderErrorFeature failure) =>
        failure.Error is ForwarderError.Request && IsOfConnecting(failure.Exception);

    /// <summary>Whether a connection could not even be made.</summary>
    public static bool IsOfConnecting(Exception? exception) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };

    /// <summary>
    /// Whether the connection to the service broke before the answer began. While a body was being sent that looks as if the client
    /// had failed to send it: reading it was cancelled, since the request had come to nothing.
    /// </summary>
    public static bool BrokeAtTheService(this IForwarderErrorFeature failure) =>
        failure.Error is ForwarderError.Request or ForwarderError.RequestBodyDestination
        || failure is { Error: ForwarderError.RequestBodyClient, Exception: AggregateException { InnerExceptions: [OperationCanceledException, ..] } };

    private static int Status(HttpContext context, IForwarderErrorFeature failure) => failure.Error switch
    {
        ForwarderError.NoAvailableDestinations => StatusCodes.Status503ServiceUnavailable,
        _ when failure.NeverConnected() => StatusCodes.Status503ServiceUnavailable,
        _ when failure.BrokeAtTheService() => StatusCodes.Status502BadGateway,
        ForwarderError.RequestBodyClient => context.Response.StatusCode, // 400, 408 or 413: what the client did wrong
        // Not cancelled by the client, who is still there: by the route's time limit.
        ForwarderError.RequestTimedOut or ForwarderError.RequestCanceled
            or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status502BadGateway,
    };

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Warning, "The {Service} service gave no answer ({Error}); the client gets {Status}.")]
        public static partial void NotForwarded(ILogger logger, string service, ForwarderError error, int status, Exception? exception);
    }
}
