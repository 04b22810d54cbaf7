using System.Collections.Concurrent;
using KvAspire.Identity.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace KvAspire.Identity.Tests.Fixtures;

/// <summary>The real hasher, which records the hashes that it verifies.</summary>
internal sealed class CountingHasher(IOptions<PasswordHasherOptions> options) : PasswordHasher<User>(options)
{
    /// <summary>The verified hashes.</summary>
    public ConcurrentQueue<string> Verified { get; } = [];

    /// <inheritdoc/>
    public override PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
    {
        Verified.Enqueue(hashedPassword);
        return base.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }
}
