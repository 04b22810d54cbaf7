using System.Diagnostics;
using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvAspire.Libraries.Tests;

public sealed class TracedConsoleTests
{
    [Fact]
    public void A_line_of_a_request_shows_its_trace_and_span()
    {
        using var activity = new Activity("a request").SetIdFormat(ActivityIdFormat.W3C).Start();

        Assert.Equal(
            $"warn: The.Category[7] trace {activity.TraceId} span {activity.SpanId}{Environment.NewLine}      One line{Environment.NewLine}      and another{Environment.NewLine}",
            Format("One line\nand another"));
    }

    [Fact]
    public void A_line_of_no_request_shows_none()
    {
        Activity.Current = null;

        Assert.Equal($"warn: The.Category[7]{Environment.NewLine}      One line{Environment.NewLine}", Format("One line"));
    }

    private static string Format(string message)
    {
        using var writer = new StringWriter();
        new TracedConsole().Write(new LogEntry<string>(LogLevel.Warning, "The.Category", 7, message, null, (text, _) => text), null, writer);
        return writer.ToString();
    }
}
