using System.Security.Cryptography;
using KvAspire.Identity.Users;
using Microsoft.AspNetCore.Identity;

namespace KvAspire.Identity.Passwords;

/// <summary>
/// Hashes and verifies passwords, at most one at a time for each processor and in the order in which they came. Each takes
/// a processor for about a tenth of a second, on a thread of its own: a burst waits, and the thread pool stays free for
/// everything else.
/// </summary>
internal sealed class PasswordHashing(IPasswordHasher<User> hasher) : IDisposable
{
    // The hasher's interface names a user, of which it makes no use.
    private static readonly User Nobody = new() { FullName = "" };

    private readonly SemaphoreSlim turns = new(Environment.ProcessorCount);

    // Verified in the stead of a user who is not there, so that the answer takes as long. Nobody knows its password.
    private readonly Lazy<string> dummy = new(() => hasher.HashPassword(Nobody, RandomNumberGenerator.GetHexString(64)));

    /// <summary>The hash of a password that the policy accepted.</summary>
    public Task<string> HashAsync(string typed, CancellationToken cancellationToken)
    {
        var password = NormalizedPassword.Of(typed) ?? throw new ArgumentException("The policy was not asked.", nameof(typed));
        return InTurnAsync(() => hasher.HashPassword(Nobody, password.Text), cancellationToken);
    }

    /// <summary>Whether the hash is the password's.</summary>
    /// <param name="hash">The user's, or null where there is no user: as slow, and false.</param>
    /// <param name="typed">The password. One that is too long for any user is wrong without more ado.</param>
    /// <param name="cancellationToken">Gives the turn away.</param>
    public async Task<bool> VerifyAsync(string? hash, string typed, CancellationToken cancellationToken)
    {
        if (NormalizedPassword.Of(typed) is not { } password)
            return false;

        var outcome = await InTurnAsync(
            () => hasher.VerifyHashedPassword(Nobody, hash ?? dummy.Value, password.Text), cancellationToken);
        return hash is not null && outcome is not PasswordVerificationResult.Failed;
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await turns.WaitAsync(cancellationToken);
        try
        {
            return await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            turns.Release();
        }
    }
}
