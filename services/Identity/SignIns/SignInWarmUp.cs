using KvAspire.Identity.Passwords;
using KvAspire.Identity.Tokens;
using KvAspire.Identity.Users;
using KvAspire.ServiceDefaults.Telemetry;

namespace KvAspire.Identity.SignIns;

/// <summary>
/// Runs the steps of a sign-in before the server listens, so that the first request does not pay for EF Core's model, the first
/// connection, the compiler and the dummy hash.
/// </summary>
internal sealed class SignInWarmUp(IServiceScopeFactory scopes, PasswordHashing passwords, TokenIssuer issuer) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var untraced = BackgroundRound.Begin("kvaspire.start");
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<UserDirectory>().FindAsync("nobody", cancellationToken);
        await scope.ServiceProvider.GetRequiredService<Lockout>().LockedUntilAsync(FailedSignIns.UnknownUser, cancellationToken);
        await passwords.VerifyAsync(null, "nobody's password", cancellationToken);
        issuer.IssueForServices();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
