namespace KvAspire.Identity.Passwords;

/// <summary>What the comparison of a password with a hash says.</summary>
internal enum PasswordVerification
{
    /// <summary>It is another password's.</summary>
    Wrong,

    /// <summary>It is the password's.</summary>
    Right,

    /// <summary>It is the password's, but was made with another setting than today's: hash the password anew.</summary>
    Outdated,
}
