using System.Text.Json.Nodes;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Identity.Tests;

public sealed class ErrorFormatTests(IdentityFixture identity)
{
    private const string Boom = "thunder over the bay";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_that_accepts_problem_details_gets_the_error_in_that_format()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/register") { Content = Person.Json(new JsonObject { ["username"] = "a", ["email"] = "b", ["password"] = "c" }) };
        request.Headers.Accept.ParseAdd("application/problem+json");
        using var response = await identity.Client.SendAsync(request, Cancelled);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        var traceId = JsonNode.Parse(text)!["trace_id"]!.GetValue<string>();
        Assert.Equal($$$"""{"type":"urn:kvaspire:error:INVALID_REQUEST","title":"Bad Request","status":400,"detail":"Invalid request. Please provide all required fields: username, email, password, full_name.","code":"INVALID_REQUEST","trace_id":"{{{traceId}}}","errors":{"full_name":["This field is required."]}}""", text);
    }

    [Fact]
    public async Task Each_endpoint_has_its_own_message_for_an_unexpected_error()
    {
        var database = await identity.CreateMigratedDatabaseAsync(Cancelled);
        await using var broken = IdentityService.Start(database, services => services.AddSingleton<IPasswordHasher<Users.User>, BrokenHasher>());
        var person = Person.New() with { Password = Boom };

        using var register = await broken.Client.PostAsync("/api/register", Person.Json(person.Registration), Cancelled);
        await Envelope.AssertErrorAsync(register, 500, "INTERNAL_SERVER_ERROR", "An internal server error occurred. Please try again later.", Cancelled);

        using var token = await broken.Client.PostAsync("/api/token", Person.Json(person.Credentials), Cancelled);
        await Envelope.AssertErrorAsync(token, 500, "INTERNAL_ERROR", "Internal server error occurred. Please try again later.", Cancelled);
    }

    private sealed class BrokenHasher : IPasswordHasher<Users.User>
    {
        string IPasswordHasher<Users.User>.HashPassword(Users.User user, string password) =>
            password == Boom ? throw new InvalidOperationException(password) : Convert.ToBase64String(new byte[61]);

        PasswordVerificationResult IPasswordHasher<Users.User>.VerifyHashedPassword(Users.User user, string hashedPassword, string providedPassword) =>
            providedPassword == Boom ? throw new InvalidOperationException(providedPassword) : PasswordVerificationResult.Failed;
    }
}
