using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Terminal;

/// <summary>Passes what resources write on to the loggers <c>{application}.Resources.{resource}</c>, for tests.</summary>
internal sealed class ResourceLogForwarder(ResourceLoggerService loggers, ILoggerFactory factory, IHostEnvironment environment)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        loggers.LineWritten += Forward;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        loggers.LineWritten -= Forward;
        return Task.CompletedTask;
    }

    private void Forward(string resource, LogLine line)
    {
        var logger = factory.CreateLogger($"{environment.ApplicationName}.Resources.{resource}");
        ResourceLine.Log(logger, line.IsErrorMessage ? LogLevel.Error : LogLevel.Information, line.LineNumber, line.Content);
    }
}

internal static partial class ResourceLine
{
    [LoggerMessage(Message = "{LineNumber}: {Content}")]
    public static partial void Log(ILogger logger, LogLevel level, int lineNumber, string content);
}
