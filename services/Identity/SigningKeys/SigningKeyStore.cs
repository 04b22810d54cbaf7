using System.Security.Cryptography;
using KvAspire.Identity.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>The keys in <c>identitydb</c>, on which all replicas agree.</summary>
internal sealed class SigningKeyStore(IdentityDb db, KeyEncryption encryption, TimeProvider clock)
{
    // The least that RFC 7518 allows for RS256, and enough: a key signs for months, its tokens live an hour, and NIST
    // SP 800-57 trusts the size until 2030. 3072 bits would treble the cost of every sign-in's signature.
    private const int KeyBits = 2048;

    /// <summary>The keys that are still published; makes the first one where there is none.</summary>
    public async Task<IReadOnlyList<LoadedKey>> LoadAsync(CancellationToken cancellationToken)
    {
        var stored = await ReadAsync(cancellationToken);
        if (stored.Count == 0)
            stored = await CreateFirstAsync(cancellationToken);

        return [.. stored.Select(key => LoadedKey.From(key, encryption))];
    }

    private async Task<List<SigningKey>> ReadAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await db.SigningKeys.AsNoTracking()
            .Where(key => key.PublishedUntil == null || key.PublishedUntil > now)
            .OrderBy(key => key.SignsFrom)
            .ToListAsync(cancellationToken);
    }

    // Replicas that start together on an empty table take the lock one after another, and the second finds the first's
    // key. The strategy repeats the whole when the connection is lost, as it must with a transaction of our own.
    private Task<List<SigningKey>> CreateFirstAsync(CancellationToken cancellationToken) =>
        db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLocks.SigningKeys})", token);

            var stored = await ReadAsync(token);
            if (stored.Count == 0)
            {
                stored.Add(NewKey(clock.GetUtcNow()));
                db.SigningKeys.AddRange(stored);
                await db.SaveChangesAsync(token);
            }

            await transaction.CommitAsync(token);
            return stored;
        }, cancellationToken);

    private SigningKey NewKey(DateTimeOffset signsFrom)
    {
        using var rsa = RSA.Create(KeyBits);
        var id = Base64UrlEncoder.Encode(new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: false)).ComputeJwkThumbprint());
        var privateKey = rsa.ExportPkcs8PrivateKey();
        try
        {
            return new()
            {
                Id = id,
                PublicKey = rsa.ExportSubjectPublicKeyInfo(),
                SealedPrivateKey = encryption.Seal(id, privateKey),
                CreatedAt = clock.GetUtcNow(),
                SignsFrom = signsFrom,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }
}
