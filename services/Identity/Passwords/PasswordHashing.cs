using System.Buffers.Binary;
using System.Security.Cryptography;
using KvAspire.Identity.Requests;
using KvAspire.Identity.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Passwords;

/// <summary>Hashes and verifies passwords, each when the <see cref="HashQueue"/> gives it a turn.</summary>
internal sealed class PasswordHashing(
    IPasswordHasher<User> hasher, HashQueue queue, ClientAddress client, IOptions<HashingOptions> options)
{
    private const int IterationsAt = 5;

    // The hasher's interface names a user, of which it makes no use.
    private static readonly User Nobody = new() { FullName = "" };

    // Verified in the stead of a user who is not there, so that the answer takes as long. Nobody knows its password.
    private readonly Lazy<string> dummy = new(() => hasher.HashPassword(Nobody, RandomNumberGenerator.GetHexString(64)));

    /// <summary>The hash of a password that the policy accepted.</summary>
    public Task<Turn<string>> HashAsync(string typed, CancellationToken cancellationToken)
    {
        var password = NormalizedPassword.Of(typed) ?? throw new ArgumentException("The policy was not asked.", nameof(typed));
        return queue.RunAsync(client.Network, () => hasher.HashPassword(Nobody, password.Text), cancellationToken);
    }

    /// <summary>Whether the hash is the password's.</summary>
    /// <param name="hash">The user's, or null where there is no user: as slow, and wrong.</param>
    /// <param name="typed">The password. One that is too long for any user is wrong without more ado.</param>
    /// <param name="cancellationToken">Gives the turn away.</param>
    public async Task<Turn<PasswordVerification>> VerifyAsync(string? hash, string typed, CancellationToken cancellationToken)
    {
        if (NormalizedPassword.Of(typed) is not { } password)
            return new(PasswordVerification.Wrong, null);

        var turn = await queue.RunAsync(client.Network, () => Verify(hash ?? dummy.Value, password.Text), cancellationToken);
        return hash is not null ? turn : turn with { Value = PasswordVerification.Wrong };
    }

    private PasswordVerification Verify(string hash, string password)
    {
        var stored = Convert.FromBase64String(hash);
        var missing = options.Value.Iterations - Iterations(stored);
        var isRight = hasher.VerifyHashedPassword(Nobody, hash, password) is not PasswordVerificationResult.Failed;

        // A hash of a time with fewer iterations takes as long as one of today's, for the right password as well: while the
        // account is locked or disabled nothing counts guesses or renews the hash, and a quicker refusal would tell it. One
        // with more takes longer than that of nobody until its user signs in: that there is an account shows, but not its
        // password. Doing as many for everybody would undo the setting for as long as a single such user stays away.
        if (missing > 0)
            hasher.VerifyHashedPassword(Nobody, WithIterations(stored, missing), password);

        return (isRight, missing) switch
        {
            (false, _) => PasswordVerification.Wrong,
            (true, 0) => PasswordVerification.Right,
            (true, _) => PasswordVerification.Outdated,
        };
    }

    // Of the hasher's format 3: a byte for the format, then the function and the iterations as 4 bytes each.
    private static int Iterations(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadInt32BigEndian(hash[IterationsAt..]);

    private static string WithIterations(ReadOnlySpan<byte> hash, int iterations)
    {
        byte[] other = [.. hash];
        BinaryPrimitives.WriteInt32BigEndian(other.AsSpan(IterationsAt), iterations);
        return Convert.ToBase64String(other);
    }
}
