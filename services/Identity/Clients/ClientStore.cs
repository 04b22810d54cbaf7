using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Erasure;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Tokens;
using Npgsql;

namespace KvAspire.Identity.Clients;

/// <summary>A client that presented its secret.</summary>
/// <param name="Id">The id.</param>
/// <param name="Scopes">The scopes that the client may request.</param>
/// <param name="Audiences">The audiences that the client serves.</param>
/// <param name="FirstParty">Whether users may give the client their passwords.</param>
/// <param name="IsStored">Whether the client is in the database, where it may be disabled or deleted at any time.</param>
internal sealed record AuthenticClient(
    string Id, IReadOnlyList<string> Scopes, IReadOnlyList<string> Audiences, bool FirstParty, bool IsStored);

/// <summary>The outcome of a client's authentication.</summary>
/// <param name="Client">The client; null where it was refused.</param>
/// <param name="RetryAfter">The time after which to try again, where too many failures came from the client's network.</param>
internal readonly record struct ClientAuthentication(AuthenticClient? Client, TimeSpan? RetryAfter = null);

/// <summary>The registered clients: those of the configuration, which never change, and those of the database.</summary>
internal sealed class ClientStore(
    IdentityDb db, RevocationStore revocations, Lockout lockout, RefusedClients refused, AuditLog audit, ErasureSignal erasures,
    IOptions<ClientOptions> configured, TimeProvider clock)
{
    /// <summary>
    /// Authenticates a client: its secret is right, it is not disabled, and its address does not have to wait after wrong secrets
    /// (<see cref="Lockout"/>). The audit log counts failures, as far as <see cref="RefusedClients"/> allows.
    /// </summary>
    public async Task<ClientAuthentication> AuthenticateAsync(string id, string secret, CancellationToken cancellationToken)
    {
        // 1. An unknown client has no secret to guess: there is nothing to count but the event.
        if (!ClientRules.IsId(id) || await FindAsync(id, cancellationToken) is not ({ } stored, { } client))
            return await RefuseAsync(AuditOutcomes.Failure, null, cancellationToken);

        // 2. The common cases need no lock: a right secret where none failed before, and any secret during a wait.
        var account = FailedSignIns.OfClient(client.Id);
        var matches = CryptographicOperations.FixedTimeEquals(ClientSecret.Hash(secret), stored);
        if (matches && !await lockout.HasFailuresAsync(account, cancellationToken))
            return new(client);
        if (await lockout.IsLockedAsync(account, cancellationToken))
            return await RefuseAsync(AuditOutcomes.Locked, client.Id, cancellationToken);

        // 3. Check and count in one step. The lockout bounds how many wrong secrets come here.
        var isAdmitted = await db.InTransactionAsync(async token =>
        {
            var isAdmitted = await lockout.AdmitAsync(account, matches, token);
            if (isAdmitted && !matches)
                await audit.CountAsync(AuditKinds.ClientSignIn, AuditOutcomes.Failure, client.Id, token);
            return isAdmitted;
        }, cancellationToken);
        return !isAdmitted ? await RefuseAsync(AuditOutcomes.Locked, client.Id, cancellationToken)
            : matches ? new(client)
            : new(null, refused.Take()); // beyond the budget as well, so that the answer does not tell which clients exist
    }

    private async Task<ClientAuthentication> RefuseAsync(string outcome, string? id, CancellationToken cancellationToken)
    {
        if (refused.Take() is { } retryAfter)
            return new(null, retryAfter);

        await audit.CountAsync(AuditKinds.ClientSignIn, outcome, id, cancellationToken);
        return default;
    }

    /// <summary>
    /// Records that a client got a token for itself. The token is issued in the same transaction, which waits for a concurrent
    /// change of the client and then sees it: no token is issued after the client was disabled or deleted.
    /// </summary>
    /// <returns>The token; null where the client was disabled or deleted since it authenticated.</returns>
    public Task<IssuedToken?> RecordSignInAsync(AuthenticClient client, Func<IssuedToken> issue, CancellationToken cancellationToken) =>
        db.InTransactionAsync(async token =>
        {
            if (client.IsStored
                && await db.Database.SqlQuery<string>($"""SELECT id AS "Value" FROM clients WHERE id = {client.Id} AND NOT disabled FOR SHARE""")
                    .ToListAsync(token) is [])
            {
                return null;
            }

            audit.Add(AuditKinds.ClientSignIn, AuditOutcomes.Success, client.Id, client.Id);
            return issue();
        }, cancellationToken);

    /// <summary>
    /// Reserves the ids of the configured clients by tombstones: once a client is taken out of the configuration, no other client
    /// can be registered in its place.
    /// </summary>
    public async Task ReserveConfiguredIdsAsync(CancellationToken cancellationToken)
    {
        foreach (var client in configured.Value.All)
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO clients (id, name, secret_hash, scope, first_party, disabled, created_at, deleted_at)
                VALUES ({client.Id}, '', '', '', false, true, {clock.GetUtcNow()}, {clock.GetUtcNow()}) ON CONFLICT (id) DO NOTHING
                """, cancellationToken);
        }
    }

    /// <summary>The clients of the database, by id.</summary>
    public async Task<IReadOnlyList<Client>> ListAsync(CancellationToken cancellationToken) =>
        await db.Clients.AsNoTracking().Where(client => client.DeletedAt == null).OrderBy(client => client.Id).ToListAsync(cancellationToken);

    /// <summary>Registers a client.</summary>
    /// <returns>Its secret; null where a client has the id, or had it before its deletion.</returns>
    public async Task<string?> CreateAsync(
        string id, string name, string scope, string[] audiences, bool firstParty, string actor, CancellationToken cancellationToken)
    {
        if (configured.Value.All.Any(client => client.Id == id))
            return null;

        var secret = ClientSecret.New();
        db.Clients.Add(new()
        {
            Id = id,
            Name = name,
            SecretHash = ClientSecret.Hash(secret),
            Scope = scope,
            Audiences = audiences,
            FirstParty = firstParty,
            CreatedAt = clock.GetUtcNow(),
        });
        audit.Add(AuditKinds.ClientCreated, AuditOutcomes.Success, actor, id);

        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return secret;
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            db.ChangeTracker.Clear();
            return null;
        }
    }

    /// <summary>
    /// Gives a client a new secret, and ends its waits after wrong ones. The old secret is refused at once; tokens stay valid until
    /// they expire.
    /// </summary>
    /// <returns>The secret; null where there is no such client.</returns>
    public async Task<string?> RotateSecretAsync(string id, string actor, CancellationToken cancellationToken)
    {
        var secret = ClientSecret.New();
        var isThere = await ChangeAsync(
            id, (client, token) => client.ExecuteUpdateAsync(c => c.SetProperty(stored => stored.SecretHash, ClientSecret.Hash(secret)), token),
            endsTokens: false,
            () => audit.Add(AuditKinds.ClientChanged, AuditOutcomes.Success, actor, id, new Dictionary<string, string> { ["secret"] = "rotated" }),
            cancellationToken);
        if (!isThere)
            return null;

        await lockout.UnlockAsync(FailedSignIns.OfClient(id), cancellationToken); // replicas may have tried the old one meanwhile
        return secret;
    }

    /// <summary>
    /// Disables or enables a client, or changes the audiences that it serves; null changes nothing. Disabling ends its tokens and
    /// its users' sessions.
    /// </summary>
    /// <returns>Whether there is such a client.</returns>
    public Task<bool> ChangeAsync(string id, bool? disabled, string[]? audiences, string actor, CancellationToken cancellationToken)
    {
        var details = new Dictionary<string, string>();
        if (disabled is { } off)
            details["disabled"] = off ? "true" : "false";
        if (audiences is not null)
            details["audiences"] = audiences.Length.ToString(CultureInfo.InvariantCulture);

        return ChangeAsync(
            id, (client, token) => client.ExecuteUpdateAsync(c => c
                .SetProperty(stored => stored.Disabled, stored => disabled ?? stored.Disabled)
                .SetProperty(stored => stored.Audiences, stored => audiences ?? stored.Audiences), token),
            endsTokens: disabled is true,
            () => audit.Add(AuditKinds.ClientChanged, AuditOutcomes.Success, actor, id, details),
            cancellationToken);
    }

    /// <summary>
    /// Deletes a client, and ends its tokens and its users' sessions. <see cref="ErasureWorker"/> erases its entries, even after
    /// a crash. A tombstone keeps the id.
    /// </summary>
    public async Task<bool> DeleteAsync(string id, string actor, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var isDeleted = await ChangeAsync(
            id, (client, token) => client.ExecuteUpdateAsync(c => c
                .SetProperty(stored => stored.DeletedAt, now)
                .SetProperty(stored => stored.Disabled, true)
                .SetProperty(stored => stored.Name, "")
                .SetProperty(stored => stored.Scope, "")
                .SetProperty(stored => stored.Audiences, Array.Empty<string>())
                .SetProperty(stored => stored.SecretHash, Array.Empty<byte>()), token),
            endsTokens: true,
            () =>
            {
                db.Erasures.Add(new() { UserId = id, RequestedAt = now, DueAt = now, TraceParent = Activity.Current?.Id });
                audit.Add(AuditKinds.ClientDeleted, AuditOutcomes.Success, actor, id);
            },
            cancellationToken);

        if (isDeleted)
            erasures.Raise();
        return isDeleted;
    }

    // One transaction: no tokens survive their client. The change comes first: it waits for sign-ins that hold the client's row,
    // and the sessions that they began are visible afterwards.
    private async Task<bool> ChangeAsync(
        string id, Func<IQueryable<Client>, CancellationToken, Task<int>> change, bool endsTokens, Action record, CancellationToken cancellationToken)
    {
        List<string> ended = [];
        var isThere = await db.InTransactionAsync(async token =>
        {
            if (await change(db.Clients.Where(client => client.Id == id && client.DeletedAt == null), token) == 0)
                return false;

            ended = endsTokens ? await EndTokensAsync(id, token) : [];
            record();
            return true;
        }, cancellationToken);

        revocations.Announce(RevocationKinds.Session, ended);
        return isThere;
    }

    private async Task<List<string>> EndTokensAsync(string id, CancellationToken cancellationToken)
    {
        await revocations.RevokeSubjectAsync(id, cancellationToken);
        return await revocations.DeleteAsync($"DELETE FROM sessions WHERE client_id = {id}", cancellationToken);
    }

    private async Task<(byte[]? Hash, AuthenticClient? Client)> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (configured.Value.All.FirstOrDefault(client => client.Id == id) is { } fixedOne)
        {
            var scopes = GrantedScopes.Parse(fixedOne.Scope);
            return (ClientSecret.Hash(fixedOne.Secret), new(id, scopes, fixedOne.Audiences, fixedOne.FirstParty, IsStored: false));
        }

        var stored = await db.Clients.AsNoTracking().FirstOrDefaultAsync(client => client.Id == id && !client.Disabled, cancellationToken);
        return stored is null ? default
            : (stored.SecretHash, new(id, GrantedScopes.Parse(stored.Scope), stored.Audiences, stored.FirstParty, IsStored: true));
    }
}
