using System.Security.Cryptography;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Tokens;
using Npgsql;

namespace KvAspire.Identity.Clients;

/// <summary>A client that presented its secret.</summary>
/// <param name="Id">The id.</param>
/// <param name="Scopes">The scopes that the client may request.</param>
/// <param name="FirstParty">Whether users may give the client their passwords.</param>
/// <param name="IsStored">Whether the client is in the database, where it may be disabled or deleted at any time.</param>
internal sealed record AuthenticClient(string Id, IReadOnlyList<string> Scopes, bool FirstParty, bool IsStored);

/// <summary>The registered clients: those of the configuration, which never change, and those of the database.</summary>
internal sealed class ClientStore(
    IdentityDb db, RevocationStore revocations, Lockout lockout, AuditLog audit, IOptions<ClientOptions> configured, TimeProvider clock)
{
    // Compared with the secret of an unknown client, so that the answer takes as long.
    private static readonly byte[] UnknownClient = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);

    /// <summary>
    /// The client, if the secret is right, the client is not disabled, and its address does not have to wait after wrong secrets
    /// (<see cref="Lockout"/>). The audit log counts failures.
    /// </summary>
    public async Task<AuthenticClient?> AuthenticateAsync(string id, string secret, CancellationToken cancellationToken)
    {
        var (stored, client) = ClientRules.IsId(id) ? await FindAsync(id, cancellationToken) : default;
        var matches = CryptographicOperations.FixedTimeEquals(ClientSecret.Hash(secret), stored ?? UnknownClient) && client is not null;
        var account = FailedSignIns.OfClient(client?.Id);
        if (matches && !await lockout.HasFailuresAsync(account, cancellationToken))
            return client;

        return await db.InTransactionAsync(async token =>
        {
            var isAdmitted = await lockout.AdmitAsync(account, matches, token);
            if (isAdmitted && matches)
                return client;

            await audit.CountAsync(AuditKinds.ClientSignIn, isAdmitted ? AuditOutcomes.Failure : AuditOutcomes.Locked, client?.Id, token);
            return null;
        }, cancellationToken);
    }

    /// <summary>The clients of the database, by id.</summary>
    public async Task<IReadOnlyList<Client>> ListAsync(CancellationToken cancellationToken) =>
        await db.Clients.AsNoTracking().OrderBy(client => client.Id).ToListAsync(cancellationToken);

    /// <summary>Registers a client.</summary>
    /// <returns>Its secret; null where the id is taken.</returns>
    public async Task<string?> CreateAsync(
        string id, string name, string scope, bool firstParty, string actor, CancellationToken cancellationToken)
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
            endsTokens: false, () => audit.Add(AuditKinds.ClientChanged, AuditOutcomes.Success, actor, id, Detail("secret", "rotated")),
            cancellationToken);
        if (!isThere)
            return null;

        await lockout.UnlockAsync(FailedSignIns.OfClient(id), cancellationToken); // replicas may have tried the old one meanwhile
        return secret;
    }

    /// <summary>Disables or enables a client. Disabling ends its tokens and its users' sessions.</summary>
    public Task<bool> SetDisabledAsync(string id, bool disabled, string actor, CancellationToken cancellationToken) => ChangeAsync(
        id, (client, token) => client.ExecuteUpdateAsync(c => c.SetProperty(stored => stored.Disabled, disabled), token),
        endsTokens: disabled,
        () => audit.Add(AuditKinds.ClientChanged, AuditOutcomes.Success, actor, id, Detail("disabled", disabled ? "true" : "false")),
        cancellationToken);

    /// <summary>Deletes a client, and ends its tokens and its users' sessions.</summary>
    public Task<bool> DeleteAsync(string id, string actor, CancellationToken cancellationToken) => ChangeAsync(
        id, (client, token) => client.ExecuteDeleteAsync(token), endsTokens: true,
        () => audit.Add(AuditKinds.ClientDeleted, AuditOutcomes.Success, actor, id), cancellationToken);

    // One transaction: no tokens survive their client. The change comes first: it waits for sign-ins that hold the client's row,
    // and the sessions that they began are visible afterwards.
    private async Task<bool> ChangeAsync(
        string id, Func<IQueryable<Client>, CancellationToken, Task<int>> change, bool endsTokens, Action record, CancellationToken cancellationToken)
    {
        List<string> ended = [];
        var isThere = await db.InTransactionAsync(async token =>
        {
            if (await change(db.Clients.Where(client => client.Id == id), token) == 0)
                return false;

            ended = endsTokens ? await EndTokensAsync(id, token) : [];
            record();
            return true;
        }, cancellationToken);

        revocations.Announce(RevocationKinds.Session, ended);
        return isThere;
    }

    private static Dictionary<string, string> Detail(string name, string value) => new() { [name] = value };

    private async Task<List<string>> EndTokensAsync(string id, CancellationToken cancellationToken)
    {
        await revocations.RevokeSubjectAsync(id, cancellationToken);
        return await revocations.DeleteAsync($"DELETE FROM sessions WHERE client_id = {id}", cancellationToken);
    }

    private async Task<(byte[]? Hash, AuthenticClient? Client)> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (configured.Value.All.FirstOrDefault(client => client.Id == id) is { } fixedOne)
            return (ClientSecret.Hash(fixedOne.Secret), new(id, GrantedScopes.Parse(fixedOne.Scope), fixedOne.FirstParty, IsStored: false));

        var stored = await db.Clients.AsNoTracking().FirstOrDefaultAsync(client => client.Id == id && !client.Disabled, cancellationToken);
        return stored is null ? default : (stored.SecretHash, new(id, GrantedScopes.Parse(stored.Scope), stored.FirstParty, IsStored: true));
    }
}
