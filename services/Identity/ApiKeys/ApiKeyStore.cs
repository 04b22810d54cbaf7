using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Tokens;
using KvAspire.ServiceDefaults.Errors;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.EntityFrameworkCore;

namespace KvAspire.Identity.ApiKeys;

/// <summary>A key that was made, or why none was.</summary>
/// <param name="Refusal">Why none was made, or null.</param>
/// <param name="Stored">What is stored of it.</param>
/// <param name="Key">The key in clear.</param>
internal sealed record NewApiKeyOutcome(ApiError? Refusal, ApiKey? Stored = null, string? Key = null);

/// <summary>The API keys of users. A key is not presented to the services, but exchanged for access tokens that live minutes.</summary>
internal sealed class ApiKeyStore(
    IdentityDb db, ApiKeyFormat format, RevocationStore revocations, TokenIssuer issuer, AuditLog audit, TimeProvider clock)
{
    /// <summary>How many a user may have.</summary>
    public const int MaxPerUser = 100;

    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Makes a key.</summary>
    /// <returns>
    /// What is stored, and the key in clear, which nobody can tell again; or why not: the user has too many, or is no more.
    /// </returns>
    public Task<NewApiKeyOutcome> CreateAsync(string userId, ApiKeyRequest request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(async token =>
        {
            // The lock lets a user's keys be made one after the other, so that they are counted, and waits for whoever is
            // removing the user.
            var held = await db.Database.SqlQuery<string>($"""SELECT id AS "Value" FROM users WHERE id = {userId} FOR NO KEY UPDATE""").ToListAsync(token);
            if (held.Count == 0)
                return new(ErrorCatalogue.InvalidToken);
            if (await db.ApiKeys.CountAsync(key => key.UserId == userId, token) >= MaxPerUser)
                return new(ErrorCatalogue.TooManyApiKeys);

            var (secret, prefix) = format.New();
            var now = clock.GetUtcNow();
            var stored = new ApiKey
            {
                Id = Guid.CreateVersion7(now).ToString(),
                UserId = userId,
                Name = request.Name,
                Prefix = prefix,
                Hash = ApiKeyFormat.Hash(secret),
                Scope = request.Scope,
                KeyPrefix = request.KeyPrefix,
                CreatedAt = now,
                ExpiresAt = request.ExpiresAt,
            };
            db.ApiKeys.Add(stored);
            audit.Add(AuditKinds.ApiKeyCreated, AuditOutcomes.Success, userId, stored.Id);
            return new NewApiKeyOutcome(null, stored, secret);
        }, cancellationToken);

    /// <summary>The keys of a user, newest first.</summary>
    public async Task<IReadOnlyList<ApiKey>> ListAsync(string userId, CancellationToken cancellationToken) =>
        await db.ApiKeys.AsNoTracking().Where(key => key.UserId == userId).OrderByDescending(key => key.Id).ToListAsync(cancellationToken);

    /// <summary>Revokes a key of a user, and the access tokens that it was exchanged for.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RevokeAsync(string userId, string id, CancellationToken cancellationToken)
    {
        var ended = await db.InTransactionAsync(async token =>
        {
            var keys = await EndAsync(userId, id, token);
            if (keys.Count > 0)
                audit.Add(AuditKinds.ApiKeyRevoked, AuditOutcomes.Success, userId, id);
            return keys;
        }, cancellationToken);

        revocations.Announce(RevocationKinds.Session, ended); // inside of the transaction it is not: that may yet be rolled back
        return ended.Count > 0;
    }

    /// <summary>Revokes all keys of a user, and the access tokens that they were exchanged for.</summary>
    public Task RevokeAllAsync(string userId, CancellationToken cancellationToken) => EndAsync(userId, id: null, cancellationToken);

    /// <summary>An access token for a key; null where the key is not, or no longer, good for one.</summary>
    public async Task<IssuedToken?> ExchangeAsync(string? secret, CancellationToken cancellationToken)
    {
        if (!format.IsGenuine(secret))
            return null;

        var (hash, now) = (ApiKeyFormat.Hash(secret), clock.GetUtcNow());
        var found = await db.ApiKeys.AsNoTracking()
            .Where(key => key.Hash == hash && (key.ExpiresAt == null || key.ExpiresAt > now))
            .Join(db.Users.Where(user => user.DisabledAt == null), key => key.UserId, user => user.Id, (key, user) => new { key, user })
            .FirstOrDefaultAsync(cancellationToken);
        if (found is null)
            return null;

        await NoteUseAsync(found.key.Id, now, cancellationToken);
        var scope = string.Join(' ', GrantedScopes.Common(GrantedScopes.Parse(found.key.Scope), GrantedScopes.Of(found.user)));
        var lifetime = found.key.ExpiresAt - now is { } left && left < TokenLifetime ? left : TokenLifetime;
        return issuer.Issue(
            new(found.user.Id, AccessTokenIdentity.ApiKeyClient, scope, found.key.Id, found.key.KeyPrefix), lifetime: lifetime);
    }

    private async Task<List<string>> EndAsync(string userId, string? id, CancellationToken cancellationToken)
    {
        var ended = await db.Database.SqlQuery<string>(
            $"""
            WITH ended AS (DELETE FROM api_keys WHERE user_id = {userId} AND id = coalesce({id}, id) RETURNING id)
            INSERT INTO revocations (kind, value, until) SELECT {RevocationKinds.Session}, id, {revocations.Until} FROM ended RETURNING value AS "Value"
            """).ToListAsync(cancellationToken);
        revocations.Announce(RevocationKinds.Session, ended);
        return ended;
    }

    // Several gateways exchange one key every few minutes each: once a minute is fine enough.
    private Task<int> NoteUseAsync(string id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - TimeSpan.FromMinutes(1);
        return db.ApiKeys.Where(key => key.Id == id && (key.LastUsedAt == null || key.LastUsedAt < before))
            .ExecuteUpdateAsync(key => key.SetProperty(k => k.LastUsedAt, now), cancellationToken);
    }
}
