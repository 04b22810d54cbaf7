using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace KvAspire.AppHost.Tests;

/// <summary>
/// A system of its own for the tests of the clients in other languages: access tokens are short-lived, and a budget is small.
/// <c>POST /restart/{service}</c> at <c>KVASPIRE_CONTROL</c> kills a service, and answers after the kill; the start goes on.
/// </summary>
public sealed class LanguagesSystem() : MortalSystem(["--RateLimits:Account:Limit=60"])
{
    private const int TokenLifetime = 6; // seconds

    private static readonly string[] Requests = ["KVASPIRE_LANGUAGES", "KVASPIRE_CHANGES"];

    private readonly Dictionary<string, (Task Kill, Task End)> restarts = [];
    private WebApplication? control;

    /// <summary>The environment of a client's tests.</summary>
    public Dictionary<string, string> Settings { get; } = new() { ["KVASPIRE_TOKEN_LIFETIME"] = $"{TokenLifetime}", ["PYTHONPATH"] = "src" };

    /// <summary>The same for tests that restart services.</summary>
    public Dictionary<string, string> SettingsWithRestarts => new(Settings) { ["KVASPIRE_CONTROL"] = control!.Urls.Single() };

    public override async ValueTask InitializeAsync()
    {
        // Its tests are skipped unless somebody asks for them.
        if (!Requests.Any(name => Environment.GetEnvironmentVariable(name) is not null))
            return;

        await base.InitializeAsync();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        control = builder.Build();
        control.Run(RestartAsync);
        await control.StartAsync();
        Settings["KVASPIRE_URL"] = App.GetEndpoint("gateway", "http").ToString();
    }

    [SuppressMessage("Usage", "CA1816", Justification = "The base class calls it.")]
    public override async ValueTask DisposeAsync()
    {
        if (control is null)
            return;

        await Task.WhenAll(restarts.Values.Select(restart => restart.End));
        await control.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Adjust(IDistributedApplicationTestingBuilder builder)
    {
        base.Adjust(builder);
        builder.CreateResourceBuilder((ProjectResource)builder.Resources.Single(resource => resource.Name == "identity"))
            .WithEnvironment("Tokens__Lifetime", TimeSpan.FromSeconds(TokenLifetime).ToString());
    }

    // Programs that restart the same service at about the same time share one restart.
    private Task RestartAsync(HttpContext context)
    {
        var service = context.Request.Path.Value!.Split('/')[^1];
        lock (restarts)
        {
            if (!restarts.TryGetValue(service, out var restart) || restart.End.IsCompleted)
            {
                var killed = new TaskCompletionSource();
                restart = restarts[service] = (killed.Task, RestartAsync(service, killed));
            }

            return restart.Kill;
        }
    }

    private async Task RestartAsync(string service, TaskCompletionSource killed)
    {
        try
        {
            await KillAsync(service, CancellationToken.None);
            killed.SetResult();
            await StartAsync(service, CancellationToken.None);
        }
        catch (Exception failure) when (killed.TrySetException(failure))
        {
            // The program that asked for it fails.
        }
    }
}
