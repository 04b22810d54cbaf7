using Microsoft.Extensions.Logging;

namespace KvAspire.Client;

/// <summary>What the client logs, in the category <c>KvAspire.Client</c>: never a URL, which would contain a key.</summary>
internal static partial class KvLog
{
    [LoggerMessage(1, LogLevel.Debug, "{Method} answered {Status} after {Milliseconds:F0} ms.")]
    public static partial void Answered(ILogger logger, string method, int status, double milliseconds);

    [LoggerMessage(2, LogLevel.Information, "Retry {Retry} of {Method} follows in {Delay:F0} ms, after {Status} {Failure}.")]
    public static partial void Retried(ILogger logger, string? method, int retry, int? status, string? failure, double delay);

    [LoggerMessage(3, LogLevel.Warning, "{Method} failed: {Failure}.")]
    public static partial void Failed(ILogger logger, string method, string failure);
}
