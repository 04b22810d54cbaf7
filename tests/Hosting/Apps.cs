namespace KvAspire.Hosting.Tests;

/// <summary>Applications that run inside of a test.</summary>
internal static class Apps
{
    public static string EchoProject { get; } =
        Path.GetFullPath("../Echo/Echo.csproj", Projects.TinyAppHost.ProjectPath);

    public static IDistributedApplicationBuilder Builder() => DistributedApplication.CreateBuilder(
        new DistributedApplicationOptions { AssemblyName = typeof(Apps).Assembly.FullName, DisableDashboard = true });

    public static IResourceBuilder<ExecutableResource> AddShell(this IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "sh", "/", "-c", script);

    public static async Task<DistributedApplication> StartAsync(this IDistributedApplicationBuilder builder)
    {
        var app = builder.Build();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    public static async Task<CustomResourceSnapshot> StateAsync(this DistributedApplication app, string name, params string[] states)
    {
        using var patience = Patience.Start();
        var reached = await app.ResourceNotifications.WaitForResourceAsync(
            name, e => states.Contains(e.Snapshot.State?.Text), patience.Token);
        return reached.Snapshot;
    }

    public static async Task HealthyAsync(this DistributedApplication app, string name)
    {
        using var patience = Patience.Start();
        await app.ResourceNotifications.WaitForResourceHealthyAsync(name, patience.Token);
    }

    public static async Task<ExecuteCommandResult> CommandAsync(this DistributedApplication app, string name, string command)
    {
        using var patience = Patience.Start();
        return await app.ResourceCommands.ExecuteCommandAsync(name, command, patience.Token);
    }
}
