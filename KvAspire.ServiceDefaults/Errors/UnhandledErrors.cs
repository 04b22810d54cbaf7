using System.Data.Common;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>Endpoint metadata: the catalogue entry that answers a bug, where it is not <c>INTERNAL_SERVER_ERROR</c>.</summary>
public sealed record UnhandledErrorMetadata(ApiError Error);

/// <summary>Turns what nobody handled, exceptions and answers without a body, into the envelope.</summary>
public sealed class UnhandledErrors : IExceptionHandler
{
    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest; // nobody is left to read a body
            return true;
        }

        await Classify(httpContext, exception).AsResult().ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>What is answered where this was met and not handled.</summary>
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

    // EF Core and Npgsql wrap what they met, so the cause may lie several layers down.
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

/// <summary>Registers and uses the error envelope.</summary>
internal static class UnhandledErrorsRegistration
{
    public static IServiceCollection AddUnhandledErrors(this IServiceCollection services) =>
        services.AddExceptionHandler<UnhandledErrors>();

    public static IApplicationBuilder UseUnhandledErrors(this IApplicationBuilder app) => app
        .UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = _ => Task.CompletedTask, // UnhandledErrors answers everything; the middleware insists on one
            // Asked for in so many words: by default an exception that a handler answers is not logged at all.
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
