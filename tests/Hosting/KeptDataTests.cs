namespace KvAspire.Hosting.Tests;

/// <summary>What one run of an AppHost leaves to the next.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class KeptDataTests
{
    [Fact]
    public async Task Kept_data_and_parameters_are_there_in_the_next_run_and_only_their_owner_can_read_them()
    {
        using var scratch = new Scratch();
        string[] settings = ["Servers=true"];
        await using (var host = AppHostProcess.Start(scratch.Path, settings))
        {
            await host.UpAsync();
            host.Signal(AppHostProcess.Terminate);
            Assert.Equal(0, await host.ExitAsync());
        }

        var state = scratch.StateFolder;
        var parameters = Path.Combine(state, "parameters.json");
        var kept = await File.ReadAllTextAsync(parameters, TestContext.Current.CancellationToken);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(parameters));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.Combine(state, "postgres-data")));

        // After a crash of the machine, this file may name a process that is something else by now.
        await File.WriteAllTextAsync(
            Path.Combine(state, "postgres-data", "postmaster.pid"), $"{Environment.ProcessId}\n", TestContext.Current.CancellationToken);
        await using var again = AppHostProcess.Start(scratch.Path, settings);
        await again.UpAsync();
        Assert.DoesNotContain("FATAL", again.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Made a new data folder", again.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Created the database", again.Output, StringComparison.Ordinal);
        Assert.Equal(kept, await File.ReadAllTextAsync(parameters, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task After_a_kill_the_next_run_starts_on_the_same_data()
    {
        using var scratch = new Scratch();
        await using (var host = AppHostProcess.Start(scratch.Path, "Servers=true"))
        {
            await host.UpAsync();
            host.Signal(AppHostProcess.Kill);
            await host.ExitAsync();
        }

        await using var again = AppHostProcess.Start(scratch.Path, "Servers=true");
        await again.UpAsync();
        Assert.DoesNotContain("Made a new data folder", again.Output, StringComparison.Ordinal);
    }
}
