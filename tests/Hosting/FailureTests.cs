using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KvAspire.Hosting.Tests;

public sealed class FailureTests
{
    [Fact]
    public async Task A_port_that_is_taken_is_named_with_its_holder_and_its_setting()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var builder = Apps.Builder();
        builder.AddRedis("cache", port);
        await using var app = await builder.StartAsync();

        var failed = await app.StateAsync("cache", "FailedToStart", "Running");
        Assert.Matches(
            $"^'cache' could not start: Port {port}, which 'cache' needs for its endpoint 'tcp', is taken by .+ \\(process "
            + $"{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}\\): stop that, or choose another port with the setting Ports:Cache\\.$",
            failed.Reason);
    }

    [Fact]
    public async Task A_project_that_has_not_been_built_says_so()
    {
        using var scratch = new Scratch();
        var project = Path.Combine(scratch.Path, "Nothing.csproj");
        var builder = Apps.Builder();
        builder.AddProject("nothing", project);
        await using var app = await builder.StartAsync();

        Assert.Equal(
            $"'nothing' could not start: it has not been built ({project} is missing): run 'dotnet build' on the AppHost.",
            (await app.StateAsync("nothing", "FailedToStart", "Running")).Reason);
    }

    [Fact]
    public void A_missing_system_program_is_named_with_the_package_that_has_it() => Assert.Equal(
        "The program 'no-such-program' is missing: install the package 'some-package'.",
        Assert.Throws<DistributedApplicationException>(
            () => Aspire.Hosting.Processes.Programs.Require("no-such-program", "some-package")).Message);

    [Fact]
    public void Two_resources_cannot_have_one_name()
    {
        var builder = Apps.Builder();
        builder.AddShell("service", "true");

        Assert.Throws<DistributedApplicationException>(() => builder.AddShell("Service", "true"));
    }

    [Fact]
    public void A_resource_cannot_wait_for_itself()
    {
        var service = Apps.Builder().AddShell("service", "true");

        Assert.Throws<DistributedApplicationException>(() => service.WaitFor(service));
    }
}
