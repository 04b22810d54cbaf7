using System.Text.Json;
using KvAspire.Identity.Passwords;
using KvAspire.Identity.Requests;
using KvAspire.Identity.SignIns;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Accounts;

/// <summary>
/// The proof that a request comes from the user and not only from a holder of the token: a recent sign-in, or the password in
/// the request. Changes that outlive a stolen token need it.
/// </summary>
internal sealed class RecentProof(SignIn signIn, IOptions<Sessions.SessionOptions> options, TimeProvider clock)
{
    /// <summary>Checks the proof. A wrong password counts as a failed sign-in.</summary>
    /// <param name="token">The token of the request.</param>
    /// <param name="user">The user of the token.</param>
    /// <param name="body">The body of the request.</param>
    /// <param name="member">The member of the body that may have the password.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <returns>The error; null where the proof holds.</returns>
    public async Task<ErrorResult?> CheckAsync(
        AccessTokenIdentity token, User user, JsonElement body, string member, CancellationToken cancellationToken)
    {
        var password = JsonField.Of(body, member);
        if (password.IsAbsent)
            return IsRecent(token) ? null : ErrorCatalogue.ReauthenticationRequired.AsResult(errors: Asking(member));
        if (password.Text is not { Length: > 0 } given)
            return ErrorCatalogue.MissingFields.AsResult($"Missing fields. {member} must be the password.");

        var outcome = await signIn.ConfirmAsync(user, given, cancellationToken);
        return outcome.User is not null ? null
            : outcome.RetryAfter is { } retryAfter ? ErrorCatalogue.Unavailable.AsResult(retryAfter: retryAfter, reason: HashQueue.IsFull)
            : ErrorCatalogue.WrongPassword.AsResult();
    }

    // 0 means never, even where the clock of the replica that signed the user in is ahead.
    private bool IsRecent(AccessTokenIdentity token) =>
        options.Value.RecentSignIn > TimeSpan.Zero
        && token.AuthTime is { } seconds
        && clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds) <= options.Value.RecentSignIn;

    private Dictionary<string, string[]> Asking(string member) => new()
    {
        [member] = [$"This field is required, because the sign-in was more than {(long)options.Value.RecentSignIn.TotalSeconds} seconds ago."],
    };
}
