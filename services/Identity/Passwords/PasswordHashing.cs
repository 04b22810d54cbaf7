using System.Buffers.Binary;
using System.Security.Cryptography;
using KvAspire.Identity.Requests;
using KvAspire.Identity.Users;
using Microsoft.AspNetCore.Identity;

namespace KvAspire.Identity.Passwords;

/// <summary>Hashes and verifies passwords in the <see cref="HashQueue"/>.</summary>
internal sealed class PasswordHashing(
    IPasswordHasher<User> hasher, HashQueue queue, ClientAddress client, IOptions<HashingOptions> options)
{
    private const int IterationsAt = 5;

    // The hasher ignores the user that its interface asks for.
    private static readonly User Unused = new() { FullName = "" };

    // Verified for an unknown user, so that the answer takes as long. Its password is random.
    private readonly Lazy<string> dummy = new(() => hasher.HashPassword(Unused, RandomNumberGenerator.GetHexString(64)));

    /// <summary>Hashes a password that the policy accepted.</summary>
    public Task<Turn<string>> HashAsync(string typed, CancellationToken cancellationToken)
    {
        var password = NormalizedPassword.Of(typed) ?? throw new ArgumentException("The policy did not accept this password.", nameof(typed));
        return queue.RunAsync(client.Network, () => hasher.HashPassword(Unused, password.Text), cancellationToken);
    }

    /// <summary>Compares a password with a hash. A null hash, for an unknown user, takes as long and is wrong.</summary>
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
        var isRight = hasher.VerifyHashedPassword(Unused, hash, password) is not PasswordVerificationResult.Failed;

        // A stored hash with fewer iterations than the setting takes as long as a new one, for the right password as well: while
        // the account is locked or disabled nothing renews the hash, and a quicker refusal would reveal the password. A hash with
        // more iterations takes longer until its user signs in. That reveals the account, but not its password; the same
        // iterations for all users would undo the setting as long as one such user stays away.
        if (missing > 0)
            hasher.VerifyHashedPassword(Unused, WithIterations(stored, missing), password);

        return (isRight, missing) switch
        {
            (false, _) => PasswordVerification.Wrong,
            (true, 0) => PasswordVerification.Right,
            (true, _) => PasswordVerification.Outdated,
        };
    }

    // The hasher's format 3: a byte for the format, then the function and the iterations as 4 bytes each.
    private static int Iterations(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadInt32BigEndian(hash[IterationsAt..]);

    private static string WithIterations(ReadOnlySpan<byte> hash, int iterations)
    {
        byte[] other = [.. hash];
        BinaryPrimitives.WriteInt32BigEndian(other.AsSpan(IterationsAt), iterations);
        return Convert.ToBase64String(other);
    }
}
