using System.Security.Cryptography;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace KvAspire.Identity.SigningKeys;

/// <summary>The keys in <c>identitydb</c>, on which all replicas agree. Only who holds the lock changes them.</summary>
internal sealed class SigningKeyStore(
    IdentityDb db, KeyEncryption encryption, SigningKeyRing ring, AuditLog audit, IOptions<SigningKeyOptions> options,
    IOptions<TokenOptions> tokens, TimeProvider clock)
{
    // The least that RFC 7518 allows for RS256, and enough: a key signs for months, its tokens live an hour, and NIST
    // SP 800-57 trusts the size until 2030. 3072 bits would treble the cost of every sign-in's signature.
    private const int KeyBits = 2048;

    // A replica that cannot reach the database goes on signing with the key it knows; so long it may. No two clocks are
    // further apart.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(10);

    /// <summary>Brings the ring up to date; makes the first key where there is none.</summary>
    /// <returns>Whether something has changed.</returns>
    public async Task<bool> LoadAsync(CancellationToken cancellationToken)
    {
        var stored = await ReadAsync(cancellationToken);
        if (stored.Count == 0)
            stored = await ChangeAsync(CreateFirst, cancellationToken);

        return ring.Replace([.. stored.Select(key => LoadedKey.From(key, encryption))]);
    }

    /// <summary>Cheaply: whether the ring is what is stored.</summary>
    public async Task<bool> IsUpToDateAsync(CancellationToken cancellationToken)
    {
        var stamps = await InUse(clock.GetUtcNow())
            .Select(key => new KeyStamp(key.Id, key.SignsFrom, key.PublishedUntil))
            .ToListAsync(cancellationToken);
        return ring.IsOf(stamps);
    }

    /// <summary>Announces the next key when it is time, and deletes those whose last token has expired.</summary>
    public async Task KeepScheduleAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (await db.SigningKeys.AnyAsync(key => key.PublishedUntil < now, cancellationToken) || IsDue(ring.Latest, now))
            await ChangeAsync(KeepSchedule, cancellationToken);
    }

    /// <summary>
    /// Announces a new key, or brings one forward that is announced already, and lets it sign as soon as everybody can
    /// have seen it.
    /// </summary>
    /// <param name="actor">The opaque id of whoever asks for it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The key that signs next.</returns>
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

    // Replicas that want the same change take the lock one after another, and the second finds that it is done.
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
        // In force already for a replica whose clock is behind that of the one that makes it.
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
