namespace KvAspire.Identity.Passwords;

internal enum PasswordVerification
{
    Wrong,
    Right,

    /// <summary>Right, but the hash has another number of iterations than the setting: hash the password again.</summary>
    Outdated,
}
