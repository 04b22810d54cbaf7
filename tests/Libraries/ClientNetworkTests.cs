using System.Net;
using KvAspire.ClientNetworks;

namespace KvAspire.Libraries.Tests;

public sealed class ClientNetworkTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:3::", "2001:db8:1:3::")]
    [InlineData("fe80::1%3", "fe80::")]
    [InlineData("::1", "::")]
    public void An_IPv4_address_and_an_IPv6_network_of_64_bits_count_as_one_client(string address, string network) =>
        Assert.Equal(network, ClientNetwork.Of(IPAddress.Parse(address)).ToString());
}
