using System.Data.Common;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>Endpoint metadata: the error for unexpected exceptions, in place of <c>INTERNAL_SERVER_ERROR</c>.</summary>
public sealed record UnhandledErrorMetadata(ApiError Error);

/// <summary>Turns unhandled exceptions into the error envelope.</summary>
public sealed class UnhandledErrors : IExceptionHandler
{
    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest; // the client is gone
            return true;
        }

        await Classify(httpContext, exception).AsResult().ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>The error for an unhandled exception.</summary>
    public static ApiError Of(Exception exception) => exception switch
    {
        BadHttpRequestException bad => ErrorCatalogue.ForStatus(bad.StatusCode),
        _ when IsLostDependency(exception) => ErrorCatalogue.Unavailable,
        _ => ErrorCatalogue.InternalServerError,
    };

    private static ApiError Classify(HttpContext context, Exception exception) =>
        Of(exception) is var error && error == ErrorCatalogue.InternalServerError
            ? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata.GetMetadata<UnhandledErrorMetadata>()?.Error ?? error
            : error;

    // EF Core and Npgsql wrap exceptions, so the cause may be several layers down.
    private static bool IsLostDependency(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is DbException { IsTransient: true } or SocketException or TimeoutException)
                return true;
        }

        return false;
    }
}

internal static class UnhandledErrorsSetup
{
    public static IServiceCollection AddUnhandledErrors(this IServiceCollection services) =>
        services.AddExceptionHandler<UnhandledErrors>();

    public static IApplicationBuilder UseUnhandledErrors(this IApplicationBuilder app) => app
        .UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = _ => Task.CompletedTask, // required by the middleware; UnhandledErrors handles every exception
            // By default the middleware does not log exceptions that a handler has handled.
            SuppressDiagnosticsCallback = failure =>
                failure.HttpContext.RequestAborted.IsCancellationRequested || failure.Exception is BadHttpRequestException,
        })
        .UseStatusCodePages(context => AnswerAsync(context.HttpContext));

    private static Task AnswerAsync(HttpContext context)
    {
        if (context.RequestAborted.IsCancellationRequested)
            return Task.CompletedTask;

        var status = context.Response.StatusCode;
        return (ErrorCatalogue.ForStatus(status) with { Status = status }).AsResult().ExecuteAsync(context);
    }
}
