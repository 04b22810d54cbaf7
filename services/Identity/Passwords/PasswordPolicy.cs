namespace KvAspire.Identity.Passwords;

/// <summary>
/// The password policy of NIST SP 800-63B: long enough, and not what an attacker tries first. There are no rules of composition.
/// </summary>
internal sealed class PasswordPolicy(CommonPasswords common)
{
    /// <summary>The sentence about what the password lacks, or null where it is accepted.</summary>
    public string? Objection(string typed, string username, string email)
    {
        if (NormalizedPassword.Of(typed) is not { Length: >= NormalizedPassword.MinLength } password)
            return $"It must be {NormalizedPassword.MinLength} to {NormalizedPassword.MaxLength} characters long.";
        if (common.Contains(password.Text))
            return "It must not be a commonly used password.";
        if (PersonalNames(username, email).Any(name => Resemblance.IsNear(password.Text, name)))
            return "It must not be nearly the same as the username or the email.";

        return null;
    }

    private static string[] PersonalNames(string username, string email) => [username, email, email[..email.IndexOf('@')]];
}
