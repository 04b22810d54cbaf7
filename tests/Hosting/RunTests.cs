using System.Diagnostics;
using Aspire.Hosting.Ports;

namespace KvAspire.Hosting.Tests;

/// <summary>What a person sees, and what is left, when an AppHost is run from a shell.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class RunTests
{
    [Fact]
    public async Task Killing_the_AppHost_leaves_no_process_behind()
    {
        using var scratch = new Scratch();
        await using var host = AppHostProcess.Start(scratch.Path, "Servers=true", "Persist=false", "Replicas=2");
        await host.UpAsync();
        var family = Processes.Family(host.Id);
        Assert.True(family.Count > 8, $"only {family.Count} processes run"); // Postgres has several.

        host.Signal(AppHostProcess.Kill);
        await Patience.UntilAsync(() => !family.Any(Processes.IsAlive), "all processes are gone");
    }

    [Fact]
    public async Task Asking_the_AppHost_to_stop_stops_everything_and_is_no_failure()
    {
        using var scratch = new Scratch();
        await using var host = AppHostProcess.Start(scratch.Path);
        await host.UpAsync();
        var family = Processes.Family(host.Id);

        host.Signal(AppHostProcess.Terminate);
        Assert.Equal(0, await host.ExitAsync());
        await host.LineAsync("Stopped.");
        Assert.DoesNotContain(family, Processes.IsAlive);
        Assert.False(File.Exists(Socket(scratch)));
    }

    [Fact]
    public async Task The_table_names_each_resource_with_its_state_and_address_and_lines_bear_the_name_of_their_process()
    {
        using var scratch = new Scratch();
        using var port = PortLease.Take();
        await using var host = AppHostProcess.Start(scratch.Path, $"Ports:Echo={port.Port}", "Logging:LogLevel:Default=Warning");
        await host.UpAsync();

        Assert.Contains(
            $"RESOURCE  STATE             URL\necho      Running, healthy  http://localhost:{port.Port}\nclient    Running, healthy\n",
            host.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain('\e', host.Output);
    }

    [Fact]
    public async Task A_start_that_fails_ends_the_run_with_the_reason_in_the_last_line_and_exit_code_1()
    {
        using var scratch = new Scratch();
        await using var host = AppHostProcess.Start(scratch.Path, "Echo=exit 3");

        Assert.Equal(1, await host.ExitAsync());
        Assert.Equal("'echo' ended with exit code 3; it wrote nothing.", host.Output.Split('\n')[^1]);
    }

    [Fact]
    public async Task A_second_AppHost_from_the_same_folder_is_refused_and_disturbs_nothing()
    {
        using var scratch = new Scratch();
        await using var host = AppHostProcess.Start(scratch.Path);
        await host.UpAsync();

        await using var second = AppHostProcess.Start(scratch.Path);
        Assert.Equal(1, await second.ExitAsync());
        Assert.Equal(
            $"This AppHost is already running from '{Projects.TinyAppHost.ProjectPath}': stop that one first, or run this one from "
            + "another clone.",
            second.Output);
        Assert.Contains("Running, healthy", await CurlAsync(scratch, "/resources"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_control_socket_lists_resources_and_takes_commands_from_its_owner_alone()
    {
        using var scratch = new Scratch();
        await using var host = AppHostProcess.Start(scratch.Path);
        await host.UpAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Socket(scratch)));
        Assert.Equal("'client' has stopped.\n", await CurlAsync(scratch, "/resources/client/stop", "-X", "POST"));
        Assert.Matches("client +Exited", await CurlAsync(scratch, "/resources"));
        Assert.Equal("'client' has started.\n", await CurlAsync(scratch, "/resources/client/start", "-X", "POST"));
        Assert.Equal("409", await CurlAsync(scratch, "/resources/nobody/stop", "-X", "POST", "-o", "/dev/null", "-w", "%{http_code}"));
    }

    [Fact]
    public async Task No_secret_is_in_the_arguments_of_any_process()
    {
        using var scratch = new Scratch();
        await using var host = AppHostProcess.Start(scratch.Path, [("Parameters__secret", "the-secret-of-echo")], "Servers=true", "Persist=false");
        await host.UpAsync();
        var family = Processes.Family(host.Id);
        var echo = family.Single(id => Processes.Arguments(id).Contains("KvAspire.Echo.dll", StringComparison.Ordinal));
        var variables = (await File.ReadAllTextAsync($"/proc/{echo}/environ", TestContext.Current.CancellationToken)).Split('\0');
        string[] secrets = [.. variables.Where(v => v.Contains("PASSWORD=", StringComparison.Ordinal)).Select(v => v.Split('=', 2)[1]), "the-secret-of-echo"];

        Assert.Equal(3, secrets.Length);
        Assert.Contains("Secret=the-secret-of-echo", variables);
        Assert.DoesNotContain(variables, v => v.StartsWith("Parameters__", StringComparison.Ordinal));
        foreach (var id in family)
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, Processes.Arguments(id), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Asking_a_second_time_kills_at_once()
    {
        using var scratch = new Scratch();
        await using var host = AppHostProcess.Start(scratch.Path);
        await host.UpAsync();
        var family = Processes.Family(host.Id);

        host.Signal(AppHostProcess.Terminate);
        host.Signal(AppHostProcess.Terminate);
        await host.ExitAsync();
        await Patience.UntilAsync(() => !family.Any(Processes.IsAlive), "all processes are gone");
    }

    private static string Socket(Scratch scratch) => Path.Combine(scratch.StateFolder, "control.sock");

    private static async Task<string> CurlAsync(Scratch scratch, string path, params string[] options)
    {
        string[] arguments = ["-s", "--max-time", "30", "--unix-socket", Socket(scratch), .. options, $"http://control{path}"];
        using var curl = Process.Start(new ProcessStartInfo("curl", arguments) { RedirectStandardOutput = true })!;
        var output = await curl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await curl.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
