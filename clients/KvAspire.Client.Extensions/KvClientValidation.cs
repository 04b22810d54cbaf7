using Microsoft.Extensions.Options;

namespace KvAspire.Client;

/// <summary>Checks settings when the application starts.</summary>
internal sealed class KvClientValidation : IValidateOptions<KvClientSettings>
{
    public ValidateOptionsResult Validate(string? name, KvClientSettings options)
    {
        string[] failures = [.. Failures(options)];
        return failures.Length is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(KvClientSettings settings)
    {
        if (settings.Address is null || !settings.Address.IsAbsoluteUri)
            yield return "Address must be the gateway's absolute URL.";
        if (settings.ClientId is null != settings.ClientSecret is null)
            yield return "ClientId and ClientSecret belong together.";
        if (settings.Username is null != settings.Password is null)
            yield return "Username and Password belong together.";
        if (settings.AllCredentials().Count() is not 1)
            yield return "One kind of credentials is needed: ApiKey, ClientId with ClientSecret, Username with Password, or Credentials.";
        if (settings.MaxRetries is < 0 or > 100)
            yield return "MaxRetries must be 0 to 100.";
        if (settings.RetryDelay < TimeSpan.Zero || settings.RetryDelay > settings.MaxRetryDelay || settings.MaxRetryDelay > TimeSpan.FromHours(1))
            yield return "RetryDelay must be at least 0 and at most MaxRetryDelay, and MaxRetryDelay at most an hour.";
        if (settings.AttemptTimeout < TimeSpan.FromMilliseconds(10) || settings.AttemptTimeout > TimeSpan.FromHours(1))
            yield return "AttemptTimeout must be 10 milliseconds to an hour.";
        if (settings.RenewBefore < TimeSpan.Zero)
            yield return "RenewBefore must be at least 0.";
        if (settings.WatchSilence <= TimeSpan.Zero)
            yield return "WatchSilence must be more than 0.";
    }
}
