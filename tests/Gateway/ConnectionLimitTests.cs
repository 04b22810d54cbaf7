using System.Net.Sockets;
using System.Text;
using KvAspire.Gateway.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Gateway.Tests;

public sealed class ConnectionLimitTests : IAsyncLifetime
{
    private const int Max = 5;

    private TestIssuer issuer = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => issuer = await TestIssuer.StartAsync();

    public ValueTask DisposeAsync() => issuer.DisposeAsync();

    [Theory]
    [InlineData("Connections:Max")]
    [InlineData("Connections:MaxPerAddress")]
    public async Task A_connection_over_the_limit_is_aborted_until_another_one_ends(string setting)
    {
        await using var gateway = Start().With(setting, $"{Max}").Start();
        var open = new List<TcpClient>();
        for (var i = 0; i < Max; i++)
        {
            open.Add(await ConnectAsync(gateway));
            Assert.True(await IsServedAsync(open[i]));
        }

        using (var beyond = new TcpClient())
            Assert.False(await IsServedAsync(beyond));
        foreach (var each in open)
            Assert.True(await IsServedAsync(each), "an older connection was aborted");

        open[0].Dispose();
        for (var attempt = 0; ; attempt++)
        {
            using var next = await ConnectAsync(gateway);
            if (await IsServedAsync(next))
                break;
            Assert.True(attempt < 100, "a connection that ended does not make room for another");
            await Task.Delay(50, Cancelled);
        }

        open.ForEach(each => each.Dispose());
    }

    [Fact]
    public async Task A_trusted_network_may_open_more_connections_than_the_limit_of_an_address()
    {
        await using var gateway = Start().With("Connections:MaxPerAddress", "1").With("TrustedNetworks:0", "127.0.0.0/8").Start();
        using var one = await ConnectAsync(gateway);
        using var two = await ConnectAsync(gateway);
        Assert.True(await IsServedAsync(one) && await IsServedAsync(two));
    }

    private GatewayUnderTest Start() => new GatewayUnderTest().With(issuer).With("identity", "h2c", issuer.Address).With("data", "h2c", issuer.Address);

    /// <summary>A client that is not connected where the gateway aborted the connection before the client's side was set up.</summary>
    private static async Task<TcpClient> ConnectAsync(GatewayUnderTest gateway)
    {
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port, Cancelled);
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
        {
        }

        return client;
    }

    private static async Task<bool> IsServedAsync(TcpClient client)
    {
        if (!client.Connected)
            return false;
        try
        {
            await client.GetStream().WriteAsync("GET /alive HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancelled);
            var (answer, buffer) = ("", new byte[4096]);
            for (int read; !IsWhole(answer) && (read = await client.GetStream().ReadAsync(buffer, Cancelled)) > 0;)
                answer += Encoding.ASCII.GetString(buffer, 0, read);
            return IsWhole(answer) && answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool IsWhole(string answer) =>
        answer.EndsWith(answer.Contains("chunked", StringComparison.OrdinalIgnoreCase) ? "\r\n0\r\n\r\n" : "Healthy", StringComparison.Ordinal);
}
