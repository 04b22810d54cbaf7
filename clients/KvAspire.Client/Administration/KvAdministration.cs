using System.Runtime.CompilerServices;
using System.Text.Json;

namespace KvAspire.Client.Administration;

/// <summary>
/// The administration of users, for tokens with <c>kv:admin</c>. It has a namespace of its own, so that applications that only
/// store entries do not see it.
/// </summary>
/// <param name="client">The client that sends the requests.</param>
public class KvAdministration(KvClient client)
{
    /// <summary>Creates an administration for tests, whose members a derived class or a mocking library replaces.</summary>
    protected KvAdministration()
        : this(null!)
    {
    }

    /// <summary>Lists users, page after page as needed.</summary>
    /// <param name="search">A part of the username or of the email address; null for all users.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public virtual async IAsyncEnumerable<KvUser> UsersAsync(string? search = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            using var body = await client.ReadJsonAsync("admin_users", $"api/admin/users?{Query(("search", search), ("cursor", cursor))}", cancellationToken).ConfigureAwait(false);
            var data = body.RootElement.GetProperty("data");
            foreach (var user in data.GetProperty("items").EnumerateArray())
                yield return user.Deserialize(AdministrationWire.Default.KvUser)!;
            cursor = KvClient.Text(data, "cursor");
        }
        while (cursor is not null);
    }

    /// <summary>Reads a user.</summary>
    /// <exception cref="KvException"><c>USER_NOT_FOUND</c>.</exception>
    public virtual async Task<KvUser> UserAsync(string userId, CancellationToken cancellationToken = default)
    {
        using var body = await client.ReadJsonAsync("admin_user", Address(userId), cancellationToken).ConfigureAwait(false);
        return KvClient.Data(body, AdministrationWire.Default.KvUser);
    }

    /// <summary>Disables, enables or unlocks a user, or changes the role.</summary>
    /// <exception cref="KvException"><c>USER_NOT_FOUND</c> and others.</exception>
    public virtual Task<KvUser> ChangeUserAsync(string userId, KvUserChange change, CancellationToken cancellationToken = default) => client.AskAsync(
        "admin_change_user", HttpMethod.Patch, Address(userId), change, AdministrationWire.Default.KvUserChange, AdministrationWire.Default.KvUser, cancellationToken);

    /// <summary>Deletes a user. The service erases all the user's data.</summary>
    /// <exception cref="KvException"><c>USER_NOT_FOUND</c> and others.</exception>
    public virtual async Task DeleteUserAsync(string userId, CancellationToken cancellationToken = default)
    {
        using var response = await client.SendAsync("admin_delete_user", HttpMethod.Delete, Address(userId), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends all sessions of a user.</summary>
    /// <exception cref="KvException"><c>USER_NOT_FOUND</c>.</exception>
    public virtual async Task RevokeAsync(string userId, CancellationToken cancellationToken = default)
    {
        using var response = await client.SendAsync("admin_revoke", HttpMethod.Post, $"{Address(userId)}/revoke", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the audit log, newest event first, page after page as needed.</summary>
    public virtual async IAsyncEnumerable<KvAuditEvent> AuditAsync(KvAuditFilter? filter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var query = Query(
                ("kind", filter?.Kind), ("actor", filter?.Actor), ("subject", filter?.Subject), ("from", filter?.From?.ToString("O")), ("to", filter?.To?.ToString("O")),
                ("cursor", cursor));
            using var body = await client.ReadJsonAsync("admin_audit", $"api/admin/audit?{query}", cancellationToken).ConfigureAwait(false);
            var data = body.RootElement.GetProperty("data");
            foreach (var audited in data.GetProperty("items").EnumerateArray())
                yield return audited.Deserialize(AdministrationWire.Default.KvAuditEvent)!;
            cursor = KvClient.Text(data, "cursor");
        }
        while (cursor is not null);
    }

    private static string Address(string userId) => $"api/admin/users/{Uri.EscapeDataString(userId)}";

    private static string Query(params (string Name, string? Value)[] parameters) => string.Join(
        '&', parameters.Where(parameter => parameter.Value is not null).Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}"));
}
