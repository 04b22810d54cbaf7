using System.Security.Cryptography;
using KvAspire.Database;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Tokens;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>The signing keys in <c>identitydb</c>, which all replicas share. Changes take an advisory lock.</summary>
internal sealed class SigningKeyStore(
    IdentityDb db, KeyEncryption encryption, SigningKeyRing ring, AuditLog audit, IOptions<SigningKeyOptions> options,
    IOptions<TokenOptions> tokens, TimeProvider clock)
{
    // The least that RFC 7518 allows for RS256. A key signs for months, its tokens live an hour, and NIST SP 800-57 trusts the
    // size until 2030. 3072 bits would triple the cost of a signature.
    private const int KeyBits = 2048;

    // A replica without the database may sign with the key that it knows for so long. No two clocks differ by more.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    /// <summary>Loads the stored keys into the ring. Creates the first key where there is none.</summary>
    /// <returns>Whether the ring changed.</returns>
    public async Task<bool> LoadAsync(CancellationToken cancellationToken)
    {
        var stored = await ReadAsync(cancellationToken);
        if (stored.Count == 0)
            stored = await ChangeAsync(CreateFirst, cancellationToken);

        return ring.Replace([.. stored.Select(key => LoadedKey.From(key, encryption))]);
    }

    /// <summary>Whether the ring holds the stored keys. Reads no key material.</summary>
    public async Task<bool> IsUpToDateAsync(CancellationToken cancellationToken)
    {
        var stamps = await InUse(clock.GetUtcNow())
            .Select(key => new KeyStamp(key.Id, key.SignsFrom, key.PublishedUntil))
            .ToListAsync(cancellationToken);
        return ring.IsOf(stamps);
    }

    /// <summary>Announces the next key on schedule, and deletes keys whose last token has expired.</summary>
    /// <returns>Whether anything was due.</returns>
    public async Task<bool> KeepScheduleAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (!await db.SigningKeys.AnyAsync(key => key.PublishedUntil < now, cancellationToken) && !IsDue(ring.Latest, now))
            return false;

        await ChangeAsync(KeepSchedule, cancellationToken);
        return true;
    }

    /// <summary>Announces a new key, or brings the announced one forward, to sign as soon as every service knows it.</summary>
    /// <returns>The next key.</returns>
    public async Task<KeyStamp> RotateAsync(string actor, CancellationToken cancellationToken)
    {
        var keys = await ChangeAsync((keys, now) => RotateNow(keys, now, actor), cancellationToken);
        return KeyStamp.Of(keys.MaxBy(key => key.SignsFrom)!);
    }

    private async Task<List<SigningKey>> ReadAsync(CancellationToken cancellationToken) =>
        await InUse(clock.GetUtcNow()).ToListAsync(cancellationToken);

    private IQueryable<SigningKey> InUse(DateTimeOffset now) => db.SigningKeys.AsNoTracking()
        .Where(key => key.PublishedUntil == null || key.PublishedUntil > now)
        .OrderBy(key => key.SignsFrom).ThenBy(key => key.Id);

    // The lock serializes replicas that want the same change; the second one finds the change done.
    private Task<List<SigningKey>> ChangeAsync(Action<List<SigningKey>, DateTimeOffset> change, CancellationToken cancellationToken) =>
        db.InTransactionAsync(async token =>
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AdvisoryLocks.SigningKeys})", token);

            var keys = await db.SigningKeys.OrderBy(key => key.SignsFrom).ThenBy(key => key.Id).ToListAsync(token);
            change(keys, clock.GetUtcNow());
            return keys;
        }, cancellationToken);

    private void CreateFirst(List<SigningKey> keys, DateTimeOffset now)
    {
        // A replica whose clock is behind can use the key as well.
        if (keys.Count == 0)
            Add(keys, now, now - Margin);
    }

    private void KeepSchedule(List<SigningKey> keys, DateTimeOffset now)
    {
        foreach (var key in keys.Where(key => key.PublishedUntil < now).ToList())
        {
            keys.Remove(key);
            db.SigningKeys.Remove(key);
        }

        if (!IsDue(keys[^1].SignsFrom, now))
            return;

        var turn = keys[^1].SignsFrom + options.Value.RotateEvery;
        var earliest = now + options.Value.Announce;
        Succeed(keys, turn > earliest ? turn : earliest, now);
        Audit(keys, actor: null);
    }

    private void RotateNow(List<SigningKey> keys, DateTimeOffset now, string actor)
    {
        var signsFrom = now + options.Value.AnnounceNow;
        if (keys[^1].SignsFrom <= now)
            Succeed(keys, signsFrom, now);
        else if (keys[^1].SignsFrom > signsFrom)
            BringForward(keys, signsFrom);
        Audit(keys, actor);
    }

    private void Audit(List<SigningKey> keys, string? actor) =>
        audit.Add(AuditKinds.SigningKeyRotated, AuditOutcomes.Success, actor, keys[^1].Id);

    private bool IsDue(DateTimeOffset latest, DateTimeOffset now) =>
        latest + options.Value.RotateEvery - options.Value.Announce <= now;

    private void Succeed(List<SigningKey> keys, DateTimeOffset signsFrom, DateTimeOffset now)
    {
        keys[^1].PublishedUntil = signsFrom + tokens.Value.Lifetime + Margin;
        Add(keys, now, signsFrom);
    }

    private void BringForward(List<SigningKey> keys, DateTimeOffset signsFrom)
    {
        keys[^1].SignsFrom = signsFrom;
        if (keys.Count > 1)
            keys[^2].PublishedUntil = signsFrom + tokens.Value.Lifetime + Margin;
    }

    private void Add(List<SigningKey> keys, DateTimeOffset now, DateTimeOffset signsFrom)
    {
        var key = NewKey(now, signsFrom);
        keys.Add(key);
        db.SigningKeys.Add(key);
    }

    private SigningKey NewKey(DateTimeOffset now, DateTimeOffset signsFrom)
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
                CreatedAt = now,
                SignsFrom = signsFrom,
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }
}
