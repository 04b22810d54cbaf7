namespace KvAspire.Identity.Users;

/// <summary>Describes registration in the OpenAPI document.</summary>
internal static class UsersDescription
{
    public static readonly OperationDescription Register = new("register", "Register a user")
    {
        Text = "A password has 8 to 128 Unicode characters of any kind. Common passwords, and those that resemble the username or e-mail, are refused.",
        Body = new(typeof(NewUser),
            """{"username":"example_user","email":"user@example.com","password":"secure_password123","full_name":"John Doe","age":30,"gender":"male"}"""),
        Answers =
        [
            new(201, "The user is registered.")
            {
                Example = """{"status":"success","message":"User successfully registered!","data":{"user_id":"0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b","username":"example_user","email":"user@example.com","full_name":"John Doe","age":30,"gender":"male"}}""",
                Headers = ["Cache-Control"],
            },
        ],
        Errors =
        [
            ErrorCatalogue.InvalidUsername, ErrorCatalogue.InvalidEmail, ErrorCatalogue.InvalidPassword, ErrorCatalogue.InvalidFullName,
            ErrorCatalogue.InvalidAge, ErrorCatalogue.InvalidGender, ErrorCatalogue.UsernameExists, ErrorCatalogue.EmailExists,
        ],
    };
}

/// <summary>A registration.</summary>
/// <param name="Username">1 to 64 characters, each of a-z, A-Z, 0-9, '.', '_', '-', '@' or '+'; unique without regard to case.</param>
/// <param name="Email">An address of at most 254 characters; unique without regard to case.</param>
/// <param name="Password">8 to 128 characters.</param>
/// <param name="FullName">1 to 200 characters.</param>
/// <param name="Age">1 to 150.</param>
/// <param name="Gender">1 to 50 characters.</param>
public sealed record NewUser(
    string Username, string Email, string Password, string FullName, [property: MayBeNull] int? Age, [property: MayBeNull] string? Gender);
