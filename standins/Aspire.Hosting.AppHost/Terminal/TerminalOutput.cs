using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.Terminal;

/// <summary>What a person sees who runs the AppHost: each line with the name of the process that wrote it, in its colour.</summary>
internal sealed class TerminalOutput(DistributedApplicationModel model, TimeProvider clock)
{
    private static readonly int[] _palette = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

    private readonly Lock _lock = new();
    private readonly bool _colours = !Console.IsOutputRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";
    private readonly Lazy<string[]> _names = new(() => [.. model.Resources.SelectMany(InstanceIds.Of)]);

    private int Width => field > 0 ? field : field = _names.Value.Max(name => name.Length);

    /// <summary>A line of a process.</summary>
    public void Line(string name, LogLine line)
    {
        var time = clock.GetLocalNow().ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
        Say($"{time} {Coloured(name, name.PadRight(Width))} | {Printable(line.Content)}");
    }

    /// <summary>A line of the AppHost itself.</summary>
    public void Say(string text)
    {
        lock (_lock)
            Console.Out.WriteLine(text);
    }

    /// <summary>One sentence on what went wrong.</summary>
    public void Fail(string sentence)
    {
        lock (_lock)
            Console.Error.WriteLine(_colours ? $"\e[31m{sentence}\e[0m" : sentence);
    }

    private string Coloured(string name, string text)
    {
        // By position, not by hash: neighbours differ, and a name keeps its colour from run to run.
        var colour = _palette[Math.Max(0, Array.IndexOf(_names.Value, name)) % _palette.Length];
        return _colours ? $"\e[{colour}m{text}\e[0m" : text;
    }

    // What a user sent may end up in a log; it must not move the cursor of whoever reads it.
    private static string Printable(string text) => !text.Any(IsControl) ? text
        : text.Where(c => !IsControl(c)).Aggregate(new StringBuilder(text.Length), (printable, c) => printable.Append(c)).ToString();

    private static bool IsControl(char c) => char.IsControl(c) && c != '\t';
}
