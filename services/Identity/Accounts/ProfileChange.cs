using System.Text.Json;
using KvAspire.Identity.Requests;
using KvAspire.Identity.Users;

namespace KvAspire.Identity.Accounts;

/// <summary>
/// The fields of <c>PATCH /api/account</c>, a JSON merge patch (RFC 7396): absent fields stay, null removes an optional field.
/// </summary>
internal sealed record ProfileChange(JsonField Email, JsonField FullName, JsonField Age, JsonField Gender)
{
    /// <summary>Reads the fields; null with <paramref name="error"/> where one is not valid, or none is there.</summary>
    public static ProfileChange? Read(JsonElement root, out ErrorResult? error)
    {
        var change = new ProfileChange(
            JsonField.Of(root, "email"), JsonField.Of(root, "full_name"), JsonField.Of(root, "age"), JsonField.Of(root, "gender"));
        error = change.Objection();
        return error is null ? change : null;
    }

    /// <summary>Whether the change names an e-mail address.</summary>
    public bool ChangesEmail => IsThere(Email);

    public void ApplyTo(User user)
    {
        if (IsThere(Email))
            user.Email = Email.Text;
        if (IsThere(FullName))
            user.FullName = FullName.Text!;
        if (IsThere(Age))
            user.Age = Age.Number;
        if (IsThere(Gender))
            user.Gender = Gender.Text;
    }

    private ErrorResult? Objection() =>
        !IsThere(Email) && !IsThere(FullName) && !IsThere(Age) && !IsThere(Gender)
            ? ErrorCatalogue.InvalidRequest.AsResult("Invalid request. Please provide at least one of: email, full_name, age, gender.")
        : IsThere(Email) && EmailAddress.Objection(Email.Text) is { } wrong ? ErrorCatalogue.InvalidEmail.AsResult(wrong)
        : IsThere(FullName) && !RegistrationRules.IsFullName(FullName.Text) ? ErrorCatalogue.InvalidFullName.AsResult()
        : !RegistrationRules.IsAge(Age) ? ErrorCatalogue.InvalidAge.AsResult()
        : !RegistrationRules.IsGender(Gender) ? ErrorCatalogue.InvalidGender.AsResult()
        : null;

    private static bool IsThere(JsonField field) => field.Kind is not JsonValueKind.Undefined;
}
