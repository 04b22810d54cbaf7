using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Identity.Tests;

/// <summary>What the database keeps encrypted, and the rotation of the key that encrypts it.</summary>
public sealed class KeysAtRestTests(IdentityFixture identity)
{
    private const string Newest = "tests-only-the-newest-key-0123456789-0123456789-0123456789";
    private const string Secrets = "SELECT name FROM sealed_secrets UNION ALL SELECT id FROM signing_keys ORDER BY 1";

    private static readonly string[] Read = ["kv:read"];
    private static readonly byte[] Payload = "a payload"u8.ToArray();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replicas_that_start_at_the_same_time_unprotect_the_payloads_of_one_another()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        var replicas = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => IdentityService.Start(database))));
        try
        {
            foreach (var one in replicas)
                Assert.All(replicas, other => Assert.Equal(Payload, Protector(other).Unprotect(Protector(one).Protect(Payload))));
            Assert.Equal(["1"], await IdentityFixture.QueryAsync(database, "SELECT count(*) FROM sealed_secrets WHERE name LIKE 'data-protection/key-%'", Cancelled));
            Assert.Equal(["0"], await IdentityFixture.QueryAsync(database, "SELECT count(*) FROM sealed_secrets WHERE encode(box, 'escape') LIKE '%Key%'", Cancelled));
        }
        finally
        {
            foreach (var replica in replicas)
                await replica.DisposeAsync();
        }
    }

    [Fact]
    public async Task After_a_rotation_everything_verifies_without_the_old_key()
    {
        // 1. A service with one key issues one of everything.
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        var person = Person.New();
        string access, refresh, apiKey;
        byte[] payload;
        await using (var before = IdentityService.Start(database))
        {
            await person.RegisterAsync(before.Client, Cancelled);
            (access, refresh) = await person.BeginSessionAsync(before.Client, Cancelled);
            payload = Protector(before).Protect(Payload);
            using var user = before.ClientWith(access);
            using var made = await user.PostAsJsonAsync("/api/keys", new { name = "machine", scopes = Read }, Cancelled);
            apiKey = (await made.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["key"]!.GetValue<string>();
        }

        // 2. A service with both keys uses what the old one encrypted. The command encrypts it anew while the service runs.
        var secrets = await IdentityFixture.QueryAsync(database, Secrets, Cancelled);
        await using (var both = IdentityService.Start(
            database, settings: [("SigningKeys:EncryptionKey", Newest), ("SigningKeys:DecryptionKeys:0", IdentityService.EncryptionKey)]))
        {
            await AssertVerifiesAsync(both);
            var first = await ReencryptAsync(database, Newest, IdentityService.EncryptionKey);
            Assert.Equal((0, $"SigningKeys:EncryptionKey encrypts all {secrets.Count} secrets of identitydb. {secrets.Count} of them were encrypted anew.", ""), first);
            var again = await ReencryptAsync(database, Newest, IdentityService.EncryptionKey);
            Assert.Equal((0, $"SigningKeys:EncryptionKey encrypts all {secrets.Count} secrets of identitydb. 0 of them were encrypted anew.", ""), again);
            await AssertVerifiesAsync(both);
        }

        // 3. A service with the new key alone does as well.
        await using var after = IdentityService.Start(database, settings: ("SigningKeys:EncryptionKey", Newest));
        Assert.Equal(secrets, await IdentityFixture.QueryAsync(database, Secrets, Cancelled));
        await AssertVerifiesAsync(after);
        using var refreshed = await after.Client.PostAsync("/api/token", Person.Json(new JsonObject { ["grant_type"] = "refresh_token", ["refresh_token"] = refresh }), Cancelled);
        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);

        async Task AssertVerifiesAsync(IdentityService service)
        {
            using var user = service.ClientWith(access);
            Assert.Equal(HttpStatusCode.OK, (await user.GetAsync("/api/account", Cancelled)).StatusCode);
            using var exchanged = await service.Client.PostAsJsonAsync("/internal/api-keys/exchange", new { api_key = apiKey }, Cancelled);
            Assert.Equal(HttpStatusCode.OK, exchanged.StatusCode);
            Assert.Equal(Payload, Protector(service).Unprotect(payload));
        }
    }

    [Fact]
    public async Task Key_that_decrypts_nothing_changes_nothing_and_is_named()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await using (IdentityService.Start(database))
        {
        }

        var before = await IdentityFixture.QueryAsync(database, "SELECT name, box FROM sealed_secrets ORDER BY 1", Cancelled);
        var (exitCode, _, error) = await ReencryptAsync(database, Newest, "another-secret-0123456789-0123456789-0123456789");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("Nothing was encrypted anew. SigningKeys:EncryptionKey does not decrypt '", error, StringComparison.Ordinal);
        Assert.Equal(before, await IdentityFixture.QueryAsync(database, "SELECT name, box FROM sealed_secrets ORDER BY 1", Cancelled));
    }

    [Theory]
    [InlineData(Newest, IdentityService.EncryptionKey)] // the key changes at once
    [InlineData(IdentityService.EncryptionKey, Newest)] // the first step replica by replica
    [InlineData(Newest, IdentityService.EncryptionKey, "tests-only-an-even-older-key-0123456789-0123456789-0123456789")]
    public async Task API_keys_of_the_release_before_stay_genuine_when_the_key_changes(string encryption, params string[] decryption)
    {
        // That release derived the key of the tags from its only encryption key and stored none.
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        string apiKey;
        await using (var service = IdentityService.Start(database))
        {
            var person = Person.New();
            await person.RegisterAsync(service.Client, Cancelled);
            using var user = service.ClientWith(await person.SignInAsync(service.Client, Cancelled));
            using var made = await user.PostAsJsonAsync("/api/keys", new { name = "machine", scopes = Read }, Cancelled);
            apiKey = (await made.Content.ReadFromJsonAsync<JsonNode>(Cancelled))!["data"]!["key"]!.GetValue<string>();
        }

        await IdentityFixture.QueryAsync(database, "DELETE FROM sealed_secrets WHERE name = 'api-key-tag'", Cancelled);
        var derived = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(IdentityService.EncryptionKey), 32, info: "kvaspire api keys"u8.ToArray());
        var tag = Convert.ToBase64String(HMACSHA256.HashData(derived, Encoding.ASCII.GetBytes(apiKey[..^11])).AsSpan(0, 8)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        Assert.Equal(tag, apiKey[^11..]);

        await using var later = IdentityService.Start(
            database,
            settings: [("SigningKeys:EncryptionKey", encryption), .. decryption.Select((key, index) => ($"SigningKeys:DecryptionKeys:{index}", key))]);
        using var exchanged = await later.Client.PostAsJsonAsync("/internal/api-keys/exchange", new { api_key = apiKey }, Cancelled);
        Assert.Equal(HttpStatusCode.OK, exchanged.StatusCode);
    }

    private static IDataProtector Protector(IdentityService service) => service.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("tests");

    private static async Task<(int ExitCode, string Output, string Error)> ReencryptAsync(string database, string newest, string older)
    {
        var run = await ServiceProcess.RunAsync(["reencrypt"], new()
        {
            ["ConnectionStrings__identitydb"] = database,
            ["SigningKeys__EncryptionKey"] = newest,
            ["SigningKeys__DecryptionKeys__0"] = older,
        }, Cancelled);
        return (run.ExitCode, run.Output.TrimEnd(), run.Error.TrimEnd());
    }
}
