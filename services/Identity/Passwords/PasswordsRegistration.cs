using Microsoft.AspNetCore.Identity;

namespace KvAspire.Identity.Passwords;

/// <summary>Registers the password policy and the hashing.</summary>
internal static class PasswordsRegistration
{
    // OWASP's figure for PBKDF2 with HMAC-SHA512, which is what ASP.NET Core Identity uses.
    private const int Iterations = 210_000;

    public static IServiceCollection AddPasswords(this IServiceCollection services) => services
        .Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = Iterations)
        .AddSingleton<IPasswordHasher<Users.User>, PasswordHasher<Users.User>>()
        .AddSingleton<PasswordHashing>()
        .AddSingleton<CommonPasswords>()
        .AddSingleton<PasswordPolicy>();
}
