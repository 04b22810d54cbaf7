using KvAspire.Identity.Passwords;
using KvAspire.Identity.Requests;

namespace KvAspire.Identity.Users;

/// <summary>
/// The rules for the fields of a registration. The answer names the first wrong field in this order: username, e-mail, password,
/// full name, age, gender.
/// </summary>
internal static class RegistrationRules
{
    private const int MaxUsername = 64, MaxEmail = 254, MaxMailbox = 64, MaxFullName = 200, MaxGender = 50, MaxAge = 150;

    public static ErrorResult? FirstBroken(Registration registration, PasswordPolicy passwords) =>
        !IsUsername(registration.Username) ? ErrorCatalogue.InvalidUsername.AsResult()
        : !IsEmail(registration.Email) ? ErrorCatalogue.InvalidEmail.AsResult()
        : passwords.Objection(registration.Password, registration.Username, registration.Email) is { } objection
            ? ErrorCatalogue.InvalidPassword.AsResult($"{ErrorCatalogue.InvalidPassword.Message} {objection}")
        : !IsFullName(registration.FullName) ? ErrorCatalogue.InvalidFullName.AsResult()
        : !IsAge(registration.Age) ? ErrorCatalogue.InvalidAge.AsResult()
        : !IsGender(registration.Gender) ? ErrorCatalogue.InvalidGender.AsResult()
        : null;

    /// <summary>An alphabet in which no two names look alike except for case.</summary>
    public static bool IsUsername(string text) =>
        text.Length is > 0 and <= MaxUsername && text.All(c => char.IsAsciiLetterOrDigit(c) || "._-@+".Contains(c));

    public static bool IsFullName(string? text) => IsLine(text, MaxFullName);

    public static bool IsAge(JsonField field) => field.IsAbsent || field.Number is > 0 and <= MaxAge;

    public static bool IsGender(JsonField field) => field.IsAbsent || IsLine(field.Text, MaxGender);

    // Not the full grammar of RFC 5321 with quotations and comments: only a message can tell whether an address works.
    public static bool IsEmail(string? text) =>
        text is not null && text.Length <= MaxEmail
        && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || "\"(),:;<>[\\]".Contains(c))
        && text.Split('@') is [{ Length: > 0 and <= MaxMailbox } mailbox, { Length: > 0 } domain]
        && AreLabels(mailbox) && AreLabels(domain) && domain.Contains('.') && !domain.Contains('_');

    private static bool AreLabels(string dotted) => dotted.Split('.').All(label => label.Length > 0);

    private static bool IsLine(string? text, int maxLength) =>
        !string.IsNullOrWhiteSpace(text)
        && text.EnumerateRunes().Count() <= maxLength
        && !text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029');
}
