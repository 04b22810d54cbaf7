using System.Diagnostics;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests.Fixtures;

/// <summary>A gateway in its own process, with production defaults except for a test's settings.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private const string Listens = "Now listening on: ";

    private readonly Process process;

    private GatewayProcess(Process process) => this.process = process;

    public Uri Address { get; private set; } = null!;

    /// <summary>Starts a gateway and waits until it is healthy, with Redis if it has one.</summary>
    public static async Task<GatewayProcess> StartAsync(IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location]) { RedirectStandardOutput = true };
        start.Environment["Kestrel__Endpoints__http__Url"] = "http://127.0.0.1:0";
        start.Environment["Tokens__Issuer"] = TestIssuer.Issuer;
        start.Environment["ServiceCalls__Secret"] = TestIssuer.ServiceSecret;
        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        var gateway = new GatewayProcess(Process.Start(start)!);
        gateway.Address = await gateway.ReadAddressAsync(cancellationToken);
        using var client = new HttpClient { BaseAddress = gateway.Address };
        await gateway.HealthyAsync(client, cancellationToken);
        return gateway;
    }

    /// <summary>Waits until the gateway and all its dependencies are healthy.</summary>
    public async Task HealthyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            if ((await HealthAnswer.AskAsync(client, cancellationToken, new Uri(Address, "/health"))).Status is "healthy")
                return;

            Assert.True(attempt < 300, "not healthy");
            await Task.Delay(100, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private async Task<Uri> ReadAddressAsync(CancellationToken cancellationToken)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            var at = line.IndexOf(Listens, StringComparison.Ordinal);
            if (at < 0)
                continue;

            // Reads on, because a full pipe would block the process.
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return new Uri(line[(at + Listens.Length)..].Trim());
        }

        throw new InvalidOperationException("The gateway ended.");
    }
}
