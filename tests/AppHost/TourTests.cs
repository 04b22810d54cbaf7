using System.Diagnostics;
using System.Text.RegularExpressions;
using KvAspire.TestKit;
using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>The tour of the README, run in a shell as a reader runs it.</summary>
public sealed partial class TourTests(RunningSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_tour_of_the_README_answers_what_it_shows()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), Cancel);
        var blocks = Block().Matches(Tour().Match(readme).Value).Select(block => block.Groups).ToList();
        var commands = string.Concat(blocks.Where(block => !block["kind"].Success).Select(block => block["text"].Value));
        var shown = Lines(string.Concat(blocks.Where(block => block["kind"].Success).Select(block => block["text"].Value)));
        Assert.Equal(6, shown.Length);

        // A user of this run's own, and a line for each answer.
        var user = $"tour_{Guid.NewGuid():N}";
        using var gateway = system.Client("gateway");
        var answers = await RunAsync(Personal(commands)
            .Replace("curl -s ", "curl -s -w '\\n' ", StringComparison.Ordinal)
            .Replace("localhost:8080", gateway.BaseAddress!.Authority, StringComparison.Ordinal));

        Assert.Equal(shown.Select(Personal).Select(Lasting), answers.Select(Lasting));

        string Personal(string text) => text
            .Replace("example_user", user, StringComparison.Ordinal)
            .Replace("user@example.com", $"{user}@example.com", StringComparison.Ordinal);
    }

    private static async Task<string[]> RunAsync(string script)
    {
        string[] arguments = ["-euo", "pipefail", "-c", script];
        var start = new ProcessStartInfo("bash", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var shell = Process.Start(start)!;
        var output = shell.StandardOutput.ReadToEndAsync(Cancel);
        var errors = shell.StandardError.ReadToEndAsync(Cancel);
        await shell.WaitForExitAsync(Cancel);
        Assert.True(shell.ExitCode == 0, await output + await errors);
        return Lines(await output);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    // Ids are another each time.
    private static string Lasting(string answer) => Id().Replace(answer, "$1…");

    [GeneratedRegex("^## The tour$.*?^## ", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Tour();

    [GeneratedRegex("^```(?<kind>json)?\n(?<text>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("""("user_id":"|"trace_id":")[^"]+""")]
    private static partial Regex Id();
}
