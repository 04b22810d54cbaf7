using System.Data.Common;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>Endpoint metadata: the error for unexpected exceptions, in place of <c>INTERNAL_SERVER_ERROR</c>.</summary>
public sealed record UnhandledErrorMetadata(ApiError Error);

/// <summary>Turns unhandled exceptions into the error envelope. <see cref="RefusalLog"/> has the exception's type and stack.</summary>
public sealed class UnhandledErrors(DatabaseFaultLog faults) : IExceptionHandler
{
    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest; // the client is gone
            return true;
        }

        faults.Report(exception);
        var error = Classify(httpContext, exception);
        await new ErrorResult(error, errors: error.Errors) { Reason = ReasonOf(exception), Cause = exception }.ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>The error for an unhandled exception.</summary>
    public static ApiError Of(Exception exception) => exception switch
    {
        BadHttpRequestException bad => ErrorCatalogue.ForStatus(bad.StatusCode),
        _ when IsLostDependency(exception) => ErrorCatalogue.Unavailable,
        _ => ErrorCatalogue.InternalServerError,
    };

    private static string ReasonOf(Exception exception) =>
        DatabaseFaults.Find(exception) is { } fault ? $"SQLSTATE {fault.SqlState}" : exception.GetBaseException().GetType().Name;

    private static ApiError Classify(HttpContext context, Exception exception) =>
        Of(exception) is var error && error == ErrorCatalogue.InternalServerError
            ? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata.GetMetadata<UnhandledErrorMetadata>()?.Error ?? error
            : error;

    // EF Core and Npgsql wrap exceptions, so the cause may be several layers down.
    private static bool IsLostDependency(Exception? exception)
    {
        if (DatabaseFaults.Find(exception) is not null)
            return true;

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
    public static IServiceCollection AddUnhandledErrors(this IServiceCollection services)
    {
        services.AddOptions<RefusalLogOptions>().BindConfiguration(RefusalLogOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        // Logs each exception a second time, with no regard to how many there are.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None));
        return services.AddSingleton<RefusalLog>().AddSingleton<DatabaseFaultLog>().AddExceptionHandler<UnhandledErrors>();
    }

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
