namespace KvAspire.Hosting.Tests;

public sealed class StartOrderTests
{
    [Fact]
    public async Task A_resource_starts_when_what_it_waits_for_has_completed()
    {
        var builder = Apps.Builder();
        var first = builder.AddShell("first", "sleep 0.5");
        builder.AddShell("second", "sleep 1000").WaitForCompletion(first);
        await using var app = await builder.StartAsync();

        Assert.Equal("Waiting", (await app.StateAsync("second", "Waiting", "Running")).State?.Text);
        var second = await app.StateAsync("second", "Running");
        var done = await app.StateAsync("first", "Finished");
        Assert.Equal(0, done.ExitCode);
        Assert.True(second.StartTimeStamp >= done.StopTimeStamp);
    }

    [Fact]
    public async Task The_expected_exit_code_of_a_completion_may_be_another_than_0()
    {
        var builder = Apps.Builder();
        var first = builder.AddShell("first", "exit 7");
        builder.AddShell("second", "sleep 1000").WaitForCompletion(first, exitCode: 7);
        await using var app = await builder.StartAsync();

        await app.StateAsync("second", "Running");
    }

    [Fact]
    public async Task A_migration_that_fails_keeps_its_service_from_starting_and_says_why()
    {
        var builder = Apps.Builder();
        var migrations = builder.AddShell("migrations", "echo 'no such column' >&2; exit 3");
        var service = builder.AddShell("service", "sleep 1000").WaitForCompletion(migrations);
        builder.AddShell("client", "sleep 1000").WaitFor(service);
        await using var app = await builder.StartAsync();

        var failed = await app.StateAsync("service", "FailedToStart", "Running");
        Assert.Equal("'service' could not start: 'migrations', which it waits for, ended with exit code 3.", failed.Reason);
        Assert.Equal("'client' could not start: 'service', which it waits for, could not start.",
            (await app.StateAsync("client", "FailedToStart", "Running")).Reason);
        Assert.Equal("'migrations' ended with exit code 3; it wrote: no such column.",
            (await app.StateAsync("migrations", "Finished")).Reason);
    }

    [Fact]
    public async Task A_service_that_dies_on_start_fails_what_waits_for_it()
    {
        var builder = Apps.Builder();
        var service = builder.AddProject("echo", Apps.EchoProject).WithArgs("die").WithHttpHealthCheck("/health", endpointName: "http");
        Free(service);
        builder.AddShell("client", "sleep 1000").WaitFor(service);
        await using var app = await builder.StartAsync();

        Assert.Equal("'client' could not start: 'echo', which it waits for, ended with exit code 134.",
            (await app.StateAsync("client", "FailedToStart", "Running")).Reason);
        Assert.Equal("'echo' ended with exit code 134; it wrote: System.InvalidOperationException: Echo was told to die.",
            (await app.StateAsync("echo", "Finished")).Reason);
        await Assert.ThrowsAnyAsync<DistributedApplicationException>(() => app.HealthyAsync("echo"));
    }

    [Fact]
    public async Task A_resource_waits_until_what_it_needs_is_ready_and_not_only_healthy()
    {
        var builder = Apps.Builder();
        var prepared = false;
        var first = builder.AddShell("first", "sleep 1000").OnResourceReady(async (_, _, cancellation) =>
        {
            await Task.Delay(300, cancellation);
            prepared = true;
        });
        var seen = false;
        builder.AddShell("second", "sleep 1000").WaitFor(first).OnBeforeResourceStarted((_, _, _) =>
        {
            seen = prepared;
            return Task.CompletedTask;
        });
        await using var app = await builder.StartAsync();

        await app.StateAsync("second", "Running");
        Assert.True(seen);
    }

    [Fact]
    public async Task A_resource_with_explicit_start_waits_for_the_command()
    {
        var builder = Apps.Builder();
        builder.AddShell("later", "sleep 1000").WithExplicitStart();
        await using var app = await builder.StartAsync();

        Assert.Equal("NotStarted", (await app.StateAsync("later", "NotStarted", "Running")).State?.Text);
        Assert.True((await app.CommandAsync("later", "start")).Success);
        await app.StateAsync("later", "Running");
    }

    [Fact]
    public async Task Everything_stops_before_what_it_waits_for()
    {
        using var scratch = new Scratch();
        var ends = Path.Combine(scratch.Path, "ends");
        string Script(string name) => $"trap 'sleep 0.2; echo {name} >> {ends}; exit 0' TERM; while true; do sleep 0.05; done";

        var builder = Apps.Builder();
        var database = builder.AddShell("database", Script("database"));
        var service = builder.AddShell("service", Script("service")).WaitFor(database);
        builder.AddShell("gateway", Script("gateway")).WaitFor(service).WaitFor(database);
        await using var app = await builder.StartAsync();
        await app.StateAsync("gateway", "Running");
        await Task.Delay(500, TestContext.Current.CancellationToken); // Each shell sets its trap.
        await app.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["gateway", "service", "database"], await File.ReadAllLinesAsync(ends, TestContext.Current.CancellationToken));
    }

    internal static void Free(IResourceBuilder<ProjectResource> project)
    {
        foreach (var endpoint in project.Resource.Annotations.OfType<EndpointAnnotation>())
            endpoint.Port = null;
    }
}
