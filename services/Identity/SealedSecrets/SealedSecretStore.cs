using KvAspire.Database;
using KvAspire.Identity.Database;
using KvAspire.Identity.SigningKeys;

namespace KvAspire.Identity.SealedSecrets;

/// <summary>The encrypted secrets of <c>identitydb</c>.</summary>
internal sealed class SealedSecretStore(IdentityDb db, KeyEncryption encryption, TimeProvider clock)
{
    /// <summary>
    /// Runs work that creates secrets, under the lock of the signing keys: of replicas that start at the same time one creates them,
    /// and the others read them.
    /// </summary>
    public Task AloneAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken) =>
        db.InTransactionAsync(async token =>
        {
            await LockAsync(token);
            await work(token);
            return true;
        }, cancellationToken);

    /// <summary>The secret of that name. The first caller stores what <paramref name="make"/> returns.</summary>
    public async Task<byte[]> GetOrAddAsync(string name, Func<Task<byte[]>> make, CancellationToken cancellationToken)
    {
        if (await db.SealedSecrets.AsNoTracking().FirstOrDefaultAsync(stored => stored.Name == name, cancellationToken) is { } known)
            return encryption.Open(name, known.Box);

        var first = await make();
        db.SealedSecrets.Add(new() { Name = name, Box = encryption.Seal(name, first), CreatedAt = clock.GetUtcNow() });
        await db.SaveChangesAsync(cancellationToken);
        return first;
    }

    /// <summary>
    /// The configured key that encrypts until now: the one of the oldest signing key, otherwise the one that encrypts from now on.
    /// The order of the configured keys does not tell, because a replica may know the next one.
    /// </summary>
    public async Task<string> FormerEncryptionKeyAsync(CancellationToken cancellationToken) =>
        await db.SigningKeys.AsNoTracking().OrderBy(key => key.CreatedAt).FirstOrDefaultAsync(cancellationToken) is { } oldest
            ? encryption.KeyOf(oldest.Id, oldest.SealedPrivateKey)
            : encryption.Newest;

    /// <summary>Encrypts everything that an older key encrypted with the newest key, in one transaction.</summary>
    /// <returns>How many secrets there are, and how many of them were encrypted anew.</returns>
    /// <exception cref="SigningKeyException">No key decrypts one of them; nothing was changed.</exception>
    public Task<(int All, int Renewed)> RenewAsync(CancellationToken cancellationToken) =>
        db.InTransactionAsync(async token =>
        {
            await LockAsync(token);
            var (keys, secrets) = (await db.SigningKeys.ToListAsync(token), await db.SealedSecrets.ToListAsync(token));
            var renewed = 0;
            foreach (var key in keys)
            {
                if (encryption.Renew(key.Id, key.SealedPrivateKey) is { } box)
                    (key.SealedPrivateKey, renewed) = (box, renewed + 1);
            }

            foreach (var secret in secrets)
            {
                if (encryption.Renew(secret.Name, secret.Box) is { } box)
                    (secret.Box, renewed) = (box, renewed + 1);
            }

            return (keys.Count + secrets.Count, renewed);
        }, cancellationToken);

    private Task<int> LockAsync(CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLocks.SigningKeys})", cancellationToken);
}
