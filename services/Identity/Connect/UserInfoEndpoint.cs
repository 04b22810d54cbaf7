using KvAspire.Identity.Database;

namespace KvAspire.Identity.Connect;

/// <summary><c>GET /connect/userinfo</c> (OpenID Connect Core, section 5.3).</summary>
internal static class UserInfoEndpoint
{
    public static async Task<Results<Ok<UserInfo>, ErrorResult>> DescribeAsync(HttpContext http, IdentityDb db, CancellationToken cancellationToken)
    {
        var subject = http.User.Token.Subject;
        var user = await db.Users.AsNoTracking().FirstOrDefaultAsync(known => known.Id == subject, cancellationToken);
        return user is null
            ? ErrorCatalogue.InvalidToken.AsResult()
            : TypedResults.Ok(new UserInfo(user.Id, user.UserName!, user.FullName, user.Email!));
    }
}

/// <summary>The claims of a user, by their standard names.</summary>
/// <param name="Sub">The id of the user.</param>
/// <param name="PreferredUsername">The username.</param>
/// <param name="Name">The full name.</param>
/// <param name="Email">The e-mail address.</param>
public sealed record UserInfo(string Sub, string PreferredUsername, string Name, string Email);
