using System.Text.Json;
using KvAspire.Identity.Requests;

namespace KvAspire.Identity.Users;

/// <summary>
/// The fields of <c>POST /api/register</c>, with their types checked. <see cref="RegistrationRules"/> checks the values.
/// </summary>
internal sealed record Registration(string Username, string Email, string Password, string FullName, JsonField Age, JsonField Gender)
{
    private static readonly string[] Required = ["username", "email", "password", "full_name"];

    /// <summary>The error for a body without the required fields.</summary>
    public static ErrorResult Invalid(IReadOnlyDictionary<string, string[]>? errors = null) => ErrorCatalogue.InvalidRequest.AsResult(
        "Invalid request. Please provide all required fields: username, email, password, full_name.", errors);

    /// <summary>
    /// Reads the fields; null with <paramref name="error"/> where a required one is absent, empty or no string.
    /// </summary>
    public static Registration? Read(JsonElement root, out ErrorResult? error)
    {
        var fields = Required.ToDictionary(name => name, name => JsonField.Of(root, name));
        var errors = fields
            .Where(field => string.IsNullOrEmpty(field.Value.Text))
            .ToDictionary(field => field.Key, field => new[] { field.Value.Complaint });

        error = errors.Count > 0 ? Invalid(errors) : null;
        return error is not null ? null : new(
            fields["username"].Text!, fields["email"].Text!, fields["password"].Text!, fields["full_name"].Text!,
            JsonField.Of(root, "age"), JsonField.Of(root, "gender"));
    }
}
