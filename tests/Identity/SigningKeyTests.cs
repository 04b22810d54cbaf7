using System.Security.Cryptography;
using KvAspire.Identity.Tests.Fixtures;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.Tests;

public sealed class SigningKeyTests(IdentityFixture identity)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Private_key_is_encrypted_at_rest()
    {
        var row = Assert.Single(await IdentityFixture.QueryAsync(
            identity.Service.Database, "SELECT id, public_key, sealed_private_key FROM signing_keys", Cancelled)).Split('|');
        var (publicKey, stored) = (Convert.FromHexString(row[1]), Convert.FromHexString(row[2]));

        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(publicKey, out _);
        Assert.Equal(2048, rsa.KeySize);

        // A private key in clear contains its modulus.
        var modulus = rsa.ExportParameters(includePrivateParameters: false).Modulus!;
        Assert.Equal(-1, stored.AsSpan().IndexOf(modulus.AsSpan(0, 16)));
        Assert.ThrowsAny<CryptographicException>(() => rsa.ImportPkcs8PrivateKey(stored.AsSpan(28), out _));
    }

    [Fact]
    public async Task Restart_keeps_the_key_and_tokens_from_before_it_verify()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        var person = Person.New();
        string token, keys;
        await using (var first = IdentityService.Start(database))
        {
            await person.RegisterAsync(first.Client, Cancelled);
            token = await person.SignInAsync(first.Client, Cancelled);
            keys = await KeysAsync(first);
        }

        await using var second = IdentityService.Start(database);
        Assert.Equal(keys, await KeysAsync(second));
        await AssertVerifiesAsync(token, await KeysAsync(second));
        await AssertVerifiesAsync(await person.SignInAsync(second.Client, Cancelled), keys);
    }

    [Fact]
    public async Task Concurrent_first_starts_agree_on_one_key()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        var instances = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => IdentityService.Start(database))));
        try
        {
            var published = await Task.WhenAll(instances.Select(KeysAsync));
            Assert.Single(published.Distinct());
            Assert.Single(new JsonWebKeySet(published[0]).Keys);
            Assert.Equal(["1"], await IdentityFixture.QueryAsync(database, "SELECT count(*) FROM signing_keys", Cancelled));
        }
        finally
        {
            foreach (var instance in instances)
                await instance.DisposeAsync();
        }
    }

    [Fact]
    public async Task Wrong_encryption_key_stops_the_start_with_a_sentence_and_creates_no_key()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await using (IdentityService.Start(database))
        {
        }

        var before = await IdentityFixture.QueryAsync(database, "SELECT id FROM signing_keys", Cancelled);
        var run = await StartAsync(database, "another-secret-0123456789-0123456789-0123456789");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
            "The identity service cannot start. SigningKeys:EncryptionKey does not decrypt 'api-key-tag' in identitydb, and no key of SigningKeys:DecryptionKeys does. Add the secret that it was stored with to SigningKeys:DecryptionKeys.",
            run.Error.TrimEnd());
        Assert.Equal(before, await IdentityFixture.QueryAsync(database, "SELECT id FROM signing_keys", Cancelled));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789012345678901234567890123456789AB")]
    public async Task Missing_or_short_encryption_key_stops_the_start_with_a_sentence(string encryptionKey)
    {
        var run = await StartAsync(identity.Service.Database, encryptionKey);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
            "The identity service cannot start. Set SigningKeys:EncryptionKey (in the environment: SigningKeys__EncryptionKey) to a secret of at least 43 characters; it encrypts the signing keys at rest.",
            run.Error.TrimEnd());
    }

    private static Task<ServiceProcess.Run> StartAsync(string database, string encryptionKey) => ServiceProcess.RunAsync([], new()
    {
        ["ConnectionStrings__identitydb"] = IdentityFixture.Roles.Service(database),
        ["Tokens__Issuer"] = IdentityService.Issuer,
        ["SigningKeys__EncryptionKey"] = encryptionKey,
    }, Cancelled);

    private static Task<string> KeysAsync(IdentityService service) => service.Client.GetStringAsync("/.well-known/jwks.json", Cancelled);

    private static async Task AssertVerifiesAsync(string token, string keys)
    {
        var outcome = await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = IdentityService.Issuer,
            ValidAudience = "kvaspire",
            IssuerSigningKeys = new JsonWebKeySet(keys).GetSigningKeys(),
        });
        Assert.True(outcome.IsValid, outcome.Exception?.Message);
    }
}
