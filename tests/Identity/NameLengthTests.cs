using System.Net.Http.Json;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.Identity.Text;

namespace KvAspire.Identity.Tests;

/// <summary>Texts that users choose have at most so many code points. A character beyond the BMP is one of them and two UTF-16 units.</summary>
public sealed class NameLengthTests(IdentityFixture identity)
{
    private const string Woman = "\U0001F469";

    private static readonly string[] Scopes = ["kv:read"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public async Task Names_of_keys_and_clients_have_at_most_100_code_points(int length, bool isAccepted)
    {
        var name = string.Concat(Enumerable.Repeat(Woman, length));
        using var admin = identity.Service.ClientWith(await identity.Service.SignInAdministratorAsync(Cancelled));

        using var key = await admin.PostAsJsonAsync("/api/keys", new { name, scopes = Scopes }, Cancelled);
        using var client = await admin.PostAsJsonAsync("/api/admin/clients", new { client_id = $"c{Guid.NewGuid():N}"[..20], name, scope = "kv:read" }, Cancelled);

        Assert.Equal(isAccepted ? (201, 201) : (400, 400), ((int)key.StatusCode, (int)client.StatusCode));
    }

    [Theory]
    [InlineData("/api/admin/users?search=", 254)]
    [InlineData("/api/admin/audit?subject=", 128)]
    [InlineData("/api/admin/audit?kind=", 128)]
    public async Task Filters_have_as_many_code_points_as_the_document_says(string query, int max)
    {
        using var admin = identity.Service.ClientWith(await identity.Service.SignInAdministratorAsync(Cancelled));
        foreach (var (length, status) in new[] { (max, 200), (max + 1, 400) })
        {
            using var response = await admin.GetAsync(query + Uri.EscapeDataString(string.Concat(Enumerable.Repeat(Woman, length))), Cancelled);
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Theory]
    [InlineData("ab", 2, true)]
    [InlineData("abc", 2, false)]
    [InlineData(Woman + Woman, 2, true)]
    [InlineData(Woman + Woman + "a", 2, false)]
    [InlineData("", 2, false)]
    [InlineData(null, 2, false)]
    [InlineData("a\u0000", 9, false)]
    [InlineData("a\n", 9, false)]
    [InlineData("a\u2028", 9, false)]
    public void A_line_has_code_points_and_no_control_characters(string? text, int max, bool isLine) =>
        Assert.Equal(isLine, CodePoints.AreALine(text, max));
}
