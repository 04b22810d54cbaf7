using System.Security.Cryptography;
using KvAspire.Identity.Audit;
using KvAspire.Identity.Database;
using KvAspire.Identity.Revocations;
using KvAspire.Identity.Tokens;
using KvAspire.ServiceDefaults.Tokens;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KvAspire.Identity.Clients;

/// <summary>A client that has shown its secret.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Scopes">The scopes that it may ask for.</param>
/// <param name="FirstParty">Whether users may give it their passwords.</param>
/// <param name="IsStored">Whether it is one of the database, which may be disabled or removed at any moment.</param>
internal sealed record AuthenticClient(string Id, IReadOnlyList<string> Scopes, bool FirstParty, bool IsStored);

/// <summary>The registered clients: those of the configuration, which nobody can change, and those of the database.</summary>
internal sealed class ClientStore(
    IdentityDb db, RevocationStore revocations, AuditLog audit, IOptions<ClientOptions> configured, TimeProvider clock)
{
    // Compared with in the stead of a client that is not there.
    private static readonly byte[] Nobody = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);

    /// <summary>The client, if that is its secret and it is not disabled. A failure is recorded.</summary>
    public async Task<AuthenticClient?> AuthenticateAsync(string id, string secret, CancellationToken cancellationToken)
    {
        var (stored, client) = ClientRules.IsId(id) ? await FindAsync(id, cancellationToken) : default;
        var matches = CryptographicOperations.FixedTimeEquals(ClientSecret.Hash(secret), stored ?? Nobody);
        if (matches && client is not null)
            return client;

        await audit.RecordAsync(AuditKinds.ClientSignIn, AuditOutcomes.Failure, actor: null, client?.Id, cancellationToken);
        return null;
    }

    /// <summary>Those of the database, by name.</summary>
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

    /// <summary>Gives a client a new secret. The old one is worth nothing from now on; tokens go on until they expire.</summary>
    /// <returns>The secret; null where there is no such client.</returns>
    public async Task<string?> RotateSecretAsync(string id, string actor, CancellationToken cancellationToken)
    {
        var secret = ClientSecret.New();
        var isThere = await ChangeAsync(
            id, (client, token) => client.ExecuteUpdateAsync(c => c.SetProperty(stored => stored.SecretHash, ClientSecret.Hash(secret)), token),
            endsTokens: false, () => audit.Add(AuditKinds.ClientChanged, AuditOutcomes.Success, actor, id, Detail("secret", "rotated")),
            cancellationToken);
        return isThere ? secret : null;
    }

    /// <summary>Disables or enables a client. Disabling ends its tokens and the sessions of users at it.</summary>
    public Task<bool> SetDisabledAsync(string id, bool disabled, string actor, CancellationToken cancellationToken) => ChangeAsync(
        id, (client, token) => client.ExecuteUpdateAsync(c => c.SetProperty(stored => stored.Disabled, disabled), token),
        endsTokens: disabled,
        () => audit.Add(AuditKinds.ClientChanged, AuditOutcomes.Success, actor, id, Detail("disabled", disabled ? "true" : "false")),
        cancellationToken);

    /// <summary>Removes a client, and ends its tokens and the sessions of users at it.</summary>
    public Task<bool> DeleteAsync(string id, string actor, CancellationToken cancellationToken) => ChangeAsync(
        id, (client, token) => client.ExecuteDeleteAsync(token), endsTokens: true,
        () => audit.Add(AuditKinds.ClientDeleted, AuditOutcomes.Success, actor, id), cancellationToken);

    // In one transaction, so that no client is gone whose tokens live on. The change first: it waits for sign-ins that have
    // the client locked, and then the sessions that they began are seen here.
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
        return await db.Database.SqlQuery<string>(
            $"""
            WITH ended AS (DELETE FROM sessions WHERE client_id = {id} RETURNING id)
            INSERT INTO revocations (kind, value, until) SELECT {RevocationKinds.Session}, id, {revocations.Until} FROM ended RETURNING value AS "Value"
            """).ToListAsync(cancellationToken);
    }

    private async Task<(byte[]? Hash, AuthenticClient? Client)> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (configured.Value.All.FirstOrDefault(client => client.Id == id) is { } fixedOne)
            return (ClientSecret.Hash(fixedOne.Secret), new(id, GrantedScopes.Parse(fixedOne.Scope), fixedOne.FirstParty, IsStored: false));

        var stored = await db.Clients.AsNoTracking().FirstOrDefaultAsync(client => client.Id == id && !client.Disabled, cancellationToken);
        return stored is null ? default : (stored.SecretHash, new(id, GrantedScopes.Parse(stored.Scope), stored.FirstParty, IsStored: true));
    }
}
