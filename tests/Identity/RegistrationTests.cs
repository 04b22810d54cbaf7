using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;

namespace KvAspire.Identity.Tests;

public sealed class RegistrationTests(IdentityFixture identity)
{
    private const string MissingFields = "Invalid request. Please provide all required fields: username, email, password, full_name.";
    private const string BadUsername = "Invalid username value. Username must be 1 to 64 characters, each of a-z, A-Z, 0-9, '.', '_', '-', '@' or '+'.";
    private const string InvisibleEmail = "Invalid email value. Email must not contain control characters, zero-width characters or direction marks.";
    private const string BadEmail = "Invalid email value. Email must be an address such as user@example.com of at most 254 characters.";
    private const string BadFullName = "Invalid full_name value. Full name must be 1 to 200 characters without control characters.";
    private const string BadAge = "Invalid age value. Age must be a positive integer.";
    private const string BadGender = "Invalid gender value. Gender must be 1 to 50 characters without control characters.";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Register_answers_201_with_the_profile()
    {
        var person = Person.New();
        using var response = await RegisterAsync(person.Registration);

        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!;
        var id = body["data"]!["user_id"]!.GetValue<string>();
        Assert.Equal(7, Guid.Parse(id).Version);
        await Envelope.AssertBodyAsync(response, 201, $$$"""{"status":"success","message":"User successfully registered!","data":{"user_id":"{{{id}}}","username":"{{{person.Username}}}","email":"{{{person.Email}}}","full_name":"John Doe","age":30,"gender":"male"}}""", Cancelled);
    }

    [Theory]
    [InlineData("30.0")]
    [InlineData("3e1")]
    [InlineData("300E-1")]
    public async Task Register_accepts_an_age_in_any_spelling_of_an_integer(string age)
    {
        var text = Person.New().Registration.ToJsonString().Replace("\"age\":30", $"\"age\":{age}", StringComparison.Ordinal);
        Assert.Contains(age, text, StringComparison.Ordinal);

        using var body = new StringContent(text, System.Text.Encoding.UTF8, "application/json");
        using var response = await identity.Client.PostAsync("/api/register", body, Cancelled);
        Assert.Contains("\"age\":30,", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Register_answers_null_for_the_optional_fields_that_are_absent_or_null(bool sendNull)
    {
        var person = Person.New();
        var registration = person.Registration;
        foreach (var field in new[] { "age", "gender" })
        {
            registration.Remove(field);
            if (sendNull)
                registration[field] = null;
        }

        using var response = await RegisterAsync(registration);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        Assert.EndsWith(""","full_name":"John Doe","age":null,"gender":null}}""", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Register_ignores_unknown_fields_and_keeps_text_of_any_script()
    {
        var registration = Person.New().Registration;
        registration["full_name"] = "Zoë 山田 👩‍🚀";
        registration["role"] = "admin";

        using var response = await RegisterAsync(registration);
        Assert.Equal(201, (int)response.StatusCode);
        var data = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!["data"]!.AsObject();
        Assert.Equal(["user_id", "username", "email", "full_name", "age", "gender"], data.Select(member => member.Key));
        Assert.Equal("Zoë 山田 👩‍🚀", data["full_name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Register_refuses_a_body_without_fields_and_names_each()
    {
        using var response = await RegisterAsync(new JsonObject { ["username"] = 1, ["email"] = "", ["password"] = null });
        await Envelope.AssertErrorAsync(response, 400, "INVALID_REQUEST", MissingFields, Cancelled,
            """{"username":["This field must be a string of well-formed text."],"email":["This field is required."],"password":["This field is required."],"full_name":["This field is required."]}""");
    }

    [Theory]
    [InlineData("username")]
    [InlineData("email")]
    [InlineData("password")]
    [InlineData("full_name")]
    public async Task Register_refuses_a_required_field_that_is_missing_or_not_a_string(string field)
    {
        var registration = Person.New().Registration;
        registration.Remove(field);
        await AssertRefusedAsync(registration, 400, "INVALID_REQUEST", MissingFields, $$"""{"{{field}}":["This field is required."]}""");

        foreach (var value in new[] { "1", "true", "{}", "[]", "[\"text\"]" })
        {
            registration[field] = JsonNode.Parse(value);
            await AssertRefusedAsync(registration, 400, "INVALID_REQUEST", MissingFields,
                $$"""{"{{field}}":["This field must be a string of well-formed text."]}""");
        }
    }

    [Theory]
    [InlineData("username", "\"with space\"", "INVALID_USERNAME", BadUsername)]
    [InlineData("username", "\"sl/ash\"", "INVALID_USERNAME", BadUsername)]
    [InlineData("username", "\"zo\\u00eb\"", "INVALID_USERNAME", BadUsername)]
    [InlineData("username", "\"nul\\u0000\"", "INVALID_USERNAME", BadUsername)]
    [InlineData("username", "\"x0123456789012345678901234567890123456789012345678901234567890123\"", "INVALID_USERNAME", BadUsername)]
    [InlineData("email", "\"nobody\"", "INVALID_EMAIL", BadEmail)]
    [InlineData("email", "\"@example.com\"", "INVALID_EMAIL", BadEmail)]
    [InlineData("email", "\"a@b\"", "INVALID_EMAIL", BadEmail)]
    [InlineData("email", "\"a@b@example.com\"", "INVALID_EMAIL", BadEmail)]
    [InlineData("email", "\"a..b@example.com\"", "INVALID_EMAIL", BadEmail)]
    [InlineData("email", "\"a b@example.com\"", "INVALID_EMAIL", BadEmail)]
    [InlineData("email", "\"a@example.com\\r\\nBcc: b@example.com\"", "INVALID_EMAIL", InvisibleEmail)]
    [InlineData("email", "\"a\u200b@example.com\"", "INVALID_EMAIL", InvisibleEmail)]
    [InlineData("email", "\"a@exam\u200dple.com\"", "INVALID_EMAIL", InvisibleEmail)]
    [InlineData("email", "\"\u202ea@example.com\"", "INVALID_EMAIL", InvisibleEmail)]
    [InlineData("email", "\"a@example\u200e.com\"", "INVALID_EMAIL", InvisibleEmail)]
    [InlineData("email", "\"a\u00ad@example.com\"", "INVALID_EMAIL", InvisibleEmail)]
    [InlineData("email", "\"a\ufeff@example.com\"", "INVALID_EMAIL", InvisibleEmail)]
    [InlineData("email", "\"a\ufe0f@example.com\"", "INVALID_EMAIL", InvisibleEmail)]
    [InlineData("email", "\"a\u0085@example.com\"", "INVALID_EMAIL", InvisibleEmail)]
    [InlineData("email", "\"a\udb40\udc41@example.com\"", "INVALID_EMAIL", InvisibleEmail)]
    [InlineData("email", "\"a@xn--zzzzzz99999.com\"", "INVALID_EMAIL", BadEmail)]
    [InlineData("email", "\"a@m\u00fcnchen\"", "INVALID_EMAIL", BadEmail)]
    [InlineData("full_name", "\"   \"", "INVALID_FULL_NAME", BadFullName)]
    [InlineData("full_name", "\"two\\nlines\"", "INVALID_FULL_NAME", BadFullName)]
    [InlineData("full_name", "\"nul\\u0000\"", "INVALID_FULL_NAME", BadFullName)]
    [InlineData("age", "0", "INVALID_AGE", BadAge)]
    [InlineData("age", "-1", "INVALID_AGE", BadAge)]
    [InlineData("age", "151", "INVALID_AGE", BadAge)]
    [InlineData("age", "30.5", "INVALID_AGE", BadAge)]
    [InlineData("age", "3e-1", "INVALID_AGE", BadAge)]
    [InlineData("age", "1e999999999999", "INVALID_AGE", BadAge)]
    [InlineData("age", "99999999999999999999", "INVALID_AGE", BadAge)]
    [InlineData("age", "\"30\"", "INVALID_AGE", BadAge)]
    [InlineData("age", "true", "INVALID_AGE", BadAge)]
    [InlineData("gender", "\"\"", "INVALID_GENDER", BadGender)]
    [InlineData("gender", "5", "INVALID_GENDER", BadGender)]
    [InlineData("gender", "\"\\u0007\"", "INVALID_GENDER", BadGender)]
    [InlineData("gender", "\"\\ud800\"", "INVALID_GENDER", BadGender)]
    public async Task Register_refuses_a_field_that_breaks_its_rule(string field, string json, string code, string message)
    {
        var registration = Person.New().Registration;
        registration[field] = "PLACE";
        var text = registration.ToJsonString().Replace("\"PLACE\"", json, StringComparison.Ordinal);

        using var body = new StringContent(text, System.Text.Encoding.UTF8, "application/json");
        using var response = await identity.Client.PostAsync("/api/register", body, Cancelled);
        await Envelope.AssertErrorAsync(response, 400, code, message, Cancelled);
    }

    [Fact]
    public async Task Register_accepts_fields_at_their_limits()
    {
        var registration = Person.New().Registration;
        registration["username"] = registration["username"]!.GetValue<string>().PadRight(64, 'X');
        registration["email"] = $"{Guid.NewGuid():N}@{string.Join('.', Enumerable.Repeat(new string('a', 54), 4))}"; // 32 + 1 + 219
        registration["full_name"] = string.Concat(Enumerable.Repeat("👩", 200));
        registration["gender"] = new string('g', 50);
        registration["age"] = 150;

        using var response = await RegisterAsync(registration);
        Assert.Equal(201, (int)response.StatusCode);
    }

    [Fact]
    public async Task Register_answers_the_first_broken_rule_in_a_stable_order()
    {
        var taken = Person.New();
        await taken.RegisterAsync(identity.Client, Cancelled);
        var registration = new JsonObject
        {
            ["username"] = "no name",
            ["email"] = "no address",
            ["password"] = "short",
            ["full_name"] = "\t",
            ["age"] = 0,
            ["gender"] = "\t",
        };

        (string Field, JsonNode Good, string Code)[] order =
        [
            ("username", taken.Username, "INVALID_USERNAME"), ("email", taken.Email, "INVALID_EMAIL"),
            ("password", Person.GoodPassword, "INVALID_PASSWORD"), ("full_name", "John", "INVALID_FULL_NAME"),
            ("age", 30, "INVALID_AGE"), ("gender", "male", "INVALID_GENDER"),
        ];
        foreach (var (field, good, code) in order)
        {
            using var refused = await RegisterAsync(registration);
            Assert.Contains($"\"code\":\"{code}\"", await refused.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
            registration[field] = good;
        }

        await AssertRefusedAsync(registration, 409, "USERNAME_EXISTS", "The provided username is already taken. Please choose a different username.");
    }

    [Fact]
    public async Task Register_refuses_a_taken_username_or_email_in_any_case()
    {
        var taken = Person.New();
        await taken.RegisterAsync(identity.Client, Cancelled);

        await AssertRefusedAsync((Person.New() with { Username = taken.Username.ToUpperInvariant() }).Registration, 409,
            "USERNAME_EXISTS", "The provided username is already taken. Please choose a different username.");
        await AssertRefusedAsync((Person.New() with { Email = taken.Email.ToUpperInvariant() }).Registration, 409,
            "EMAIL_EXISTS", "The provided email is already registered. Please use a different email address.");
    }

    private Task<HttpResponseMessage> RegisterAsync(JsonNode registration) =>
        identity.Client.PostAsync("/api/register", Person.Json(registration), Cancelled);

    private async Task AssertRefusedAsync(JsonNode registration, int status, string code, string message, string? errors = null)
    {
        using var response = await RegisterAsync(registration);
        await Envelope.AssertErrorAsync(response, status, code, message, Cancelled, errors);
    }
}
