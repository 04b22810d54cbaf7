using Xunit;

namespace KvAspire.AppHost.Tests;

/// <summary>What must hold of the source itself.</summary>
public sealed class SourceTests
{
    [Fact]
    public void No_code_outside_the_stand_ins_knows_which_feed_is_in_use()
    {
        var property = string.Concat("Use", "StandIns");
        var standIns = Path.Combine(KvScript.Root, "standins") + Path.DirectorySeparatorChar;

        var knowing = Directory.EnumerateFiles(KvScript.Root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.StartsWith(standIns, StringComparison.Ordinal) && !IsBuilt(file))
            .Where(file => File.ReadAllText(file).Contains(property, StringComparison.Ordinal));

        Assert.Empty(knowing);
    }

    [Fact]
    public void The_AppHosts_program_is_one_page()
    {
        var lines = File.ReadAllLines(Path.Combine(KvScript.Root, "KvAspire.AppHost", "Program.cs"));

        Assert.InRange(lines.Length, 1, 80);
    }

    private static bool IsBuilt(string file) => file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
}
