using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Tokens;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.ApiKeys;

/// <summary>The outcome of a request for a new key.</summary>
/// <param name="Refusal">The reason for refusing it, or null.</param>
/// <param name="Stored">The stored key.</param>
/// <param name="Key">The key in clear.</param>
internal sealed record NewApiKeyOutcome(ApiError? Refusal, ApiKey? Stored = null, string? Key = null);

/// <summary>The API keys of users. The gateway exchanges a key for access tokens that live minutes.</summary>
internal sealed class ApiKeyStore(
    IdentityDb db, ApiKeyFormat format, RevocationStore revocations, TokenIssuer issuer, AuditLog audit, TimeProvider clock)
{
    public const int MaxPerUser = 100;

    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Makes a key, unless the user has too many, or changed the password or was deleted since <paramref name="user"/> was read.
    /// Only the outcome has the key in clear.
    /// </summary>
    public Task<NewApiKeyOutcome> CreateAsync(User user, ApiKeyRequest request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(async token =>
        {
            // The lock serializes creation by user, so that the count is exact, and waits for a deletion or a new password.
            var userId = user.Id;
            var held = await db.Database.SqlQuery<string>(
                $"""
                SELECT id AS "Value" FROM users WHERE id = {userId} AND security_stamp IS NOT DISTINCT FROM {user.SecurityStamp} FOR NO KEY UPDATE
                """).ToListAsync(token);
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

    /// <summary>Revokes a key of a user and its access tokens.</summary>
    /// <returns>Whether there was such a key.</returns>
    public async Task<bool> RevokeAsync(string userId, string id, CancellationToken cancellationToken)
    {
        var ended = await db.InTransactionAsync(async token =>
        {
            var keys = await revocations.DeleteAsync($"DELETE FROM api_keys WHERE user_id = {userId} AND id = {id}", token);
            if (keys.Count > 0)
                audit.Add(AuditKinds.ApiKeyRevoked, AuditOutcomes.Success, userId, id);
            return keys;
        }, cancellationToken);

        revocations.Announce(RevocationKinds.Session, ended); // after the commit
        return ended.Count > 0;
    }

    /// <summary>Revokes all keys of a user and their access tokens.</summary>
    /// <returns>The number of keys.</returns>
    public async Task<int> RevokeAllAsync(string userId, CancellationToken cancellationToken) =>
        (await revocations.DeleteAsync($"DELETE FROM api_keys WHERE user_id = {userId}", cancellationToken)).Count;

    /// <summary>An access token for a key; null where the key is not valid.</summary>
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
        var scope = string.Join(' ', GrantedScopes.Common(GrantedScopes.Parse(found.key.Scope), Scopes.OfEntries));
        var lifetime = found.key.ExpiresAt - now is { } left && left < TokenLifetime ? left : TokenLifetime;
        return issuer.Issue(
            new(found.user.Id, AccessTokenIdentity.ApiKeyClient, scope, found.key.Id, found.key.KeyPrefix), lifetime: lifetime);
    }

    // Several gateways exchange one key every few minutes: one update a minute is enough.
    private Task<int> NoteUseAsync(string id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - TimeSpan.FromMinutes(1);
        return db.ApiKeys.Where(key => key.Id == id && (key.LastUsedAt == null || key.LastUsedAt < before))
            .ExecuteUpdateAsync(key => key.SetProperty(k => k.LastUsedAt, now), cancellationToken);
    }
}
