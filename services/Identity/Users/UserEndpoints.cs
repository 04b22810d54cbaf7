using KvAspire.Identity.Audit;
using KvAspire.Identity.Passwords;

namespace KvAspire.Identity.Users;

/// <summary>The endpoint of registration.</summary>
internal static class UserEndpoints
{
    private const int MaxBodyBytes = 64 * 1024;

    public static IEndpointRouteBuilder MapUsers(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/register", RegisterAsync).AllowAnonymous().Describe(UsersDescription.Register);
        return routes;
    }

    private static async Task<Results<Created<SuccessEnvelope<UserProfile>>, ErrorResult>> RegisterAsync(
        HttpRequest request, UserDirectory users, PasswordPolicy policy, PasswordHashing passwords, AuditLog audit,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        using var body = await JsonBody.ReadAsync(request, MaxBodyBytes, cancellationToken);
        if (body.Error is { } unreadable)
            return unreadable == ErrorCatalogue.InvalidRequest ? Registration.Invalid() : unreadable.AsResult();
        if (Registration.Read(body.Root, out var invalid) is not { } registration)
            return invalid!;
        if (RegistrationRules.FirstBroken(registration, policy) is { } broken)
            return broken;

        // Checked before the hash, which costs a thousand times as much.
        if (await users.FindConflictAsync(registration.Username, registration.Email, cancellationToken) is { } taken)
            return taken.AsResult();

        var hash = await passwords.HashAsync(registration.Password, cancellationToken);
        if (hash.RetryAfter is { } retryAfter)
            return ErrorCatalogue.Unavailable.AsResult(retryAfter: retryAfter, reason: HashQueue.IsFull);

        var user = NewUser(registration, hash.Value!, clock);
        audit.Add(AuditKinds.UserRegistered, AuditOutcomes.Success, user.Id, user.Id);
        return await users.AddAsync(user, cancellationToken) is { } conflict
            ? conflict.AsResult()
            : TypedResults.Created((string?)null, Success.Of("User successfully registered!", UserProfile.Of(user)));
    }

    private static User NewUser(Registration registration, string passwordHash, TimeProvider clock) => new()
    {
        Id = Guid.CreateVersion7(clock.GetUtcNow()).ToString(),
        UserName = registration.Username,
        Email = registration.Email,
        PasswordHash = passwordHash,
        FullName = registration.FullName,
        Age = registration.Age.Number,
        Gender = registration.Gender.Text,
        CreatedAt = clock.GetUtcNow(),
    };
}
