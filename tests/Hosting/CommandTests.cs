using Aspire.Hosting.Testing;

namespace KvAspire.Hosting.Tests;

public sealed class CommandTests
{
    [Fact]
    public async Task A_service_keeps_its_ports_when_it_is_restarted()
    {
        var builder = Apps.Builder();
        var echo = builder.AddProject("echo", Apps.EchoProject).WithHttpHealthCheck("/health", endpointName: "http");
        StartOrderTests.Free(echo);
        await using var app = await builder.StartAsync();
        await app.HealthyAsync("echo");
        using var client = app.CreateHttpClient("echo");

        Assert.Equal("'echo' has restarted.", (await app.CommandAsync("echo", "restart")).Message);
        await app.HealthyAsync("echo");
        Assert.Equal("ok", await client.GetStringAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_command_to_nobody_and_an_unknown_command_fail_with_a_sentence()
    {
        var builder = Apps.Builder();
        builder.AddShell("service", "sleep 1000");
        builder.AddParameter("value", "text");
        await using var app = await builder.StartAsync();

        Assert.Equal("There is no resource 'nobody'.", (await app.CommandAsync("nobody", "start")).Message);
        Assert.Equal("'service' knows no command 'dance': use start, stop or restart.", (await app.CommandAsync("service", "dance")).Message);
        Assert.Equal("'value' has no process of its own: it takes no commands.", (await app.CommandAsync("value", "stop")).Message);
    }

    [Fact]
    public async Task A_start_that_fails_fails_the_command_with_the_reason()
    {
        var builder = Apps.Builder();
        builder.AddExecutable("service", "no-such-program", "/").WithExplicitStart();
        await using var app = await builder.StartAsync();

        var result = await app.CommandAsync("service", "start");
        Assert.False(result.Success);
        Assert.Equal(
            "'service' could not start: the program 'no-such-program' is missing: install it, or put its folder on the PATH.",
            result.Message);
    }

    [Fact]
    public async Task A_resource_takes_commands_of_the_AppHosts_own()
    {
        var builder = Apps.Builder();
        var enabled = ResourceCommandState.Disabled;
        builder.AddShell("service", "sleep 1000").WithCommand(
            "greet",
            "Greet",
            context => Task.FromResult(CommandResults.Success($"Hello from {context.ResourceName}.")),
            new CommandOptions { UpdateState = _ => enabled });
        await using var app = await builder.StartAsync();
        await app.StateAsync("service", "Running");

        Assert.Equal("'service' does not take the command 'greet' now.", (await app.CommandAsync("service", "greet")).Message);
        enabled = ResourceCommandState.Enabled;
        Assert.Equal("Hello from service.", (await app.CommandAsync("service", "greet")).Message);
    }

    [Fact]
    public async Task A_command_that_is_a_request_is_sent_once_the_resource_is_healthy_and_its_address_is_shown_as_told()
    {
        var builder = Apps.Builder();
        var echo = builder.AddProject("echo", Apps.EchoProject)
            .WithHttpHealthCheck("/health", endpointName: "http")
            .WithHttpCommand("/ping", "Ping", endpointName: "http", commandName: "ping")
            .WithHttpCommand("/nothing", "Nothing", endpointName: "http", commandName: "nothing")
            .WithUrlForEndpoint("http", url => url.Url += "/health");
        StartOrderTests.Free(echo);
        await using var app = await builder.StartAsync();
        await app.HealthyAsync("echo");

        Assert.True((await app.CommandAsync("echo", "ping")).Success);
        var url = app.GetEndpoint("echo", "http");
        Assert.Equal($"POST {url}nothing was answered with 404.", (await app.CommandAsync("echo", "nothing")).Message);
        Assert.Equal($"{url}health", (await app.StateAsync("echo", "Running")).Urls.Single(u => u.Name == "http").Url);
    }

    [Fact]
    public async Task A_process_that_does_not_listen_to_the_signal_is_killed_with_what_it_started()
    {
        var builder = Apps.Builder();
        builder.AddShell("stubborn", "trap '' TERM; sleep 1000 & echo $!; wait; wait; while true; do sleep 1; done");
        await using var app = await builder.StartAsync();
        await app.StateAsync("stubborn", "Running");
        var loggers = (ResourceLoggerService)app.Services.GetService(typeof(ResourceLoggerService))!;
        var child = 0;
        await Patience.UntilAsync(
            () => loggers.Log("stubborn").Kept is [var first, ..] && int.TryParse(first.Content, out child), "it has started a process");

        Assert.True((await app.CommandAsync("stubborn", "stop")).Success);
        await Patience.UntilAsync(() => !Processes.IsAlive(child), "the process that it started is gone");
        Assert.Equal("Exited", (await app.StateAsync("stubborn", "Exited")).State?.Text);
    }
}
