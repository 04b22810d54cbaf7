using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// The console's format: .NET's simple one with the ids of the trace and the span. The scopes of .NET's own formatters have these
/// too, but also the request's path, which contains a key.
/// </summary>
internal sealed class TracedConsole() : ConsoleFormatter(Name)
{
    public new const string Name = "traced";

    private const string Margin = "      ";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write($"{LevelOf(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}]");
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
            textWriter.Write($" trace {activity.TraceId.ToHexString()} span {activity.SpanId.ToHexString()}");
        textWriter.WriteLine();

        WriteLines(textWriter, logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is { } exception)
            WriteLines(textWriter, exception.ToString());
    }

    // The margin shows which lines begin an entry.
    private static void WriteLines(TextWriter writer, string text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            writer.Write(Margin);
            writer.WriteLine(line);
        }
    }

    private static string LevelOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}

internal static class TracedConsoleSetup
{
    /// <summary>Makes it the format, unless <c>Logging:Console:FormatterName</c> chooses another.</summary>
    public static void AddTracedConsole(this WebApplicationBuilder builder)
    {
        builder.Logging.AddConsoleFormatter<TracedConsole, ConsoleFormatterOptions>();
        if (string.IsNullOrEmpty(builder.Configuration["Logging:Console:FormatterName"]))
            builder.Services.Configure<ConsoleLoggerOptions>(console => console.FormatterName = TracedConsole.Name);
    }
}
