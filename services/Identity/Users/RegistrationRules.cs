using KvAspire.Identity.Passwords;
using KvAspire.Identity.Requests;
using KvAspire.Identity.Text;

namespace KvAspire.Identity.Users;

/// <summary>
/// The rules for the fields of a registration. The answer names the first wrong field in this order: username, e-mail, password,
/// full name, age, gender.
/// </summary>
internal static class RegistrationRules
{
    private const int MaxUsername = 64, MaxFullName = 200, MaxGender = 50, MaxAge = 150;

    public static ErrorResult? FirstBroken(Registration registration, PasswordPolicy passwords) =>
        !IsUsername(registration.Username) ? ErrorCatalogue.InvalidUsername.AsResult()
        : EmailAddress.Objection(registration.Email) is { } wrong ? ErrorCatalogue.InvalidEmail.AsResult(wrong)
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

    private static bool IsLine(string? text, int max) => !string.IsNullOrWhiteSpace(text) && CodePoints.AreALine(text, max);
}
