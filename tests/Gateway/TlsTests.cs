using System.Diagnostics;
using System.Net;
using System.Net.Quic;
using System.Net.Security;
using System.Net.Sockets;
using KvAspire.Gateway.Tests.Fixtures;

namespace KvAspire.Gateway.Tests;

/// <summary>The gateway terminates TLS itself, by Kestrel's own settings.</summary>
public sealed class TlsTests(RunningGateway running) : IClassFixture<RunningGateway>, IDisposable
{
    private readonly ThrowawayCertificate certificate = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task The_gateway_speaks_each_version_over_TLS_and_sends_HSTS(string version)
    {
        await using var gateway = Gateway().Start();
        using var client = Client(gateway, version);
        using var response = await client.GetAsync("/api/data/key", Cancel);

        Assert.Equal((HttpStatusCode.OK, version), (response.StatusCode, response.Version.ToString()));
        Assert.Equal(["max-age=2592000"], response.Headers.GetValues("Strict-Transport-Security"));
        Assert.False(response.Headers.Contains("Alt-Svc")); // no HTTP/3 by default
    }

    [Theory]
    [InlineData("Http1AndHttp2", "h2,http/1.1", "h2")]
    [InlineData("Http1AndHttp2", "http/1.1", "http/1.1")]
    [InlineData("Http1", "h2,http/1.1", "http/1.1")]
    public async Task ALPN_negotiates_the_version_before_the_first_request(string protocols, string offered, string agreed)
    {
        await using var gateway = Gateway().With("Kestrel:Endpoints:http:Protocols", protocols).Start();
        using var socket = new TcpClient();
        await socket.ConnectAsync(gateway.Address.Host, gateway.Address.Port, Cancel);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [.. offered.Split(',').Select(name => new SslApplicationProtocol(name))],
            RemoteCertificateValidationCallback = AcceptsAny,
        }, Cancel);

        Assert.Equal(agreed, tls.NegotiatedApplicationProtocol.ToString());
    }

    [Theory]
    [InlineData("127.0.0.0/8", true, "1.1")]
    [InlineData("127.0.0.0/8", true, "2.0")]
    [InlineData("10.0.0.0/8", false, "1.1")]
    [InlineData("10.0.0.0/8", false, "2.0")]
    public async Task A_trace_continues_over_TLS_if_the_network_is_trusted(string trusted, bool goesOn, string version)
    {
        await using var gateway = Gateway().With("TrustedNetworks:0", trusted).Start();
        using var client = Client(gateway, version);
        for (var i = 0; i < 3; i++) // on one connection
        {
            var (trace, path) = (ActivityTraceId.CreateRandom().ToHexString(), $"/api/data/{Guid.NewGuid():N}");
            await SendTracedAsync(client, path, trace);

            Assert.Equal(goesOn, TraceOf(path) == trace);
        }
    }

    [Fact]
    public async Task Without_QUIC_an_HTTP_3_endpoint_serves_the_other_versions_and_sends_no_Alt_Svc()
    {
        Assert.SkipWhen(QuicListener.IsSupported, "This machine has QUIC.");
        await using var gateway = Gateway().With("Kestrel:Endpoints:http:Protocols", "Http1AndHttp2AndHttp3").Start();
        using var client = Client(gateway, "2.0");
        using var response = await client.GetAsync("/api/data/key", Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.Headers.Contains("Alt-Svc"));
    }

    [Fact]
    public async Task With_QUIC_an_HTTP_3_endpoint_sends_Alt_Svc_speaks_HTTP_3_and_continues_no_trace()
    {
        Assert.SkipUnless(SpeaksQuic(), "This machine has no QUIC: .NET needs libmsquic, which Debian does not package.");
        await using var gateway = Gateway().With("Kestrel:Endpoints:http:Url", $"https://127.0.0.1:{FreePort()}") // the same port for TCP and UDP
            .With("Kestrel:Endpoints:http:Protocols", "Http1AndHttp2AndHttp3").With("TrustedNetworks:0", "127.0.0.0/8").Start();
        using var before = Client(gateway, "2.0");
        using var told = await before.GetAsync("/api/data/key", Cancel);
        Assert.Equal([$"h3=\":{gateway.Address.Port}\"; ma=86400"], told.Headers.GetValues("Alt-Svc"));

        using var client = Client(gateway, "3.0");
        using var response = await client.GetAsync("/api/data/key", Cancel);
        Assert.Equal((HttpStatusCode.OK, "3.0"), (response.StatusCode, response.Version.ToString()));
        Assert.True(response.Headers.Contains("Strict-Transport-Security"));

        var (trace, path) = (ActivityTraceId.CreateRandom().ToHexString(), $"/api/data/{Guid.NewGuid():N}");
        await SendTracedAsync(client, path, trace);
        Assert.NotEqual(trace, TraceOf(path));
    }

    public void Dispose() => certificate.Dispose();

    private GatewayUnderTest Gateway() => new GatewayUnderTest()
        .With("Kestrel:Endpoints:http:Url", "https://127.0.0.1:0")
        .With("Kestrel:Endpoints:http:Certificate:Path", certificate.CertificatePath)
        .With("Kestrel:Endpoints:http:Certificate:KeyPath", certificate.KeyPath)
        .With(running.Issuer).With("identity", "h2c", running.Identity.Address).With("data", "h2c", running.Data.Address);

    private HttpClient Client(GatewayUnderTest gateway, string version) => new(new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        UseProxy = false,
        SslOptions = { RemoteCertificateValidationCallback = AcceptsAny },
    })
    {
        BaseAddress = gateway.Address,
        DefaultRequestVersion = new Version(version),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        DefaultRequestHeaders = { { "Authorization", $"Bearer {running.Issuer.Issue("user")}" } },
    };

    private static async Task SendTracedAsync(HttpClient client, string path, string trace)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path)
        {
            Version = client.DefaultRequestVersion,
            VersionPolicy = client.DefaultVersionPolicy,
            Headers = { { "traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom().ToHexString()}-01" } },
        };
        (await client.SendAsync(request, Cancel)).EnsureSuccessStatusCode();
    }

    private string TraceOf(string path) => Assert.Single(running.Data.Arrivals, arrival => arrival.Target == path).Headers["traceparent"].Split('-')[1];

    private static bool AcceptsAny(object sender, object? certificate, object? chain, SslPolicyErrors errors) => true;

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    // .NET supports QUIC on these only, and the analyzer requires the check.
    private static bool SpeaksQuic() =>
        (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() || OperatingSystem.IsWindows()) && QuicListener.IsSupported;
}
