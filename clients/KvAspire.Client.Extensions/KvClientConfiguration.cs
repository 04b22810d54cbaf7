using System.Globalization;
using KvAspire.Client;

namespace Microsoft.Extensions.Configuration;

/// <summary>Reads settings of a client from configuration, without reflection.</summary>
public static class KvClientConfiguration
{
    /// <summary>Sets the settings that a section has. Durations are like <c>00:00:10</c>.</summary>
    /// <exception cref="FormatException">A value is not of its type; the message names the setting.</exception>
    public static void Bind(this KvClientSettings settings, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(section);
        settings.Address = Read(section, "Address", settings.Address, text => new Uri(text, UriKind.Absolute));
        settings.ApiKey = section["ApiKey"] ?? settings.ApiKey;
        settings.ClientId = section["ClientId"] ?? settings.ClientId;
        settings.ClientSecret = section["ClientSecret"] ?? settings.ClientSecret;
        settings.Scope = section["Scope"] ?? settings.Scope;
        settings.Username = section["Username"] ?? settings.Username;
        settings.Password = section["Password"] ?? settings.Password;
        settings.MaxRetries = Read(section, "MaxRetries", settings.MaxRetries, text => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture));
        settings.RetryDelay = Read(section, "RetryDelay", settings.RetryDelay, Duration);
        settings.MaxRetryDelay = Read(section, "MaxRetryDelay", settings.MaxRetryDelay, Duration);
        settings.AttemptTimeout = Read(section, "AttemptTimeout", settings.AttemptTimeout, Duration);
        settings.RenewBefore = Read(section, "RenewBefore", settings.RenewBefore, Duration);
        settings.WatchSilence = Read(section, "WatchSilence", settings.WatchSilence, Duration);
        settings.DisableHealthChecks = Read(section, "DisableHealthChecks", settings.DisableHealthChecks, bool.Parse);
        settings.DisableTracing = Read(section, "DisableTracing", settings.DisableTracing, bool.Parse);
        settings.DisableMetrics = Read(section, "DisableMetrics", settings.DisableMetrics, bool.Parse);
    }

    private static TimeSpan Duration(string text) => TimeSpan.Parse(text, CultureInfo.InvariantCulture);

    // Without the value in the message: an address may contain a password.
    private static T Read<T>(IConfiguration section, string name, T unset, Func<string, T> parse)
    {
        if (section[name] is not { Length: > 0 } text)
            return unset;
        try
        {
            return parse(text);
        }
        catch (Exception failure) when (failure is FormatException or OverflowException)
        {
            var path = section is IConfigurationSection known ? $"{known.Path}:{name}" : name;
            throw new FormatException($"The setting {path} is not a valid {typeof(T).Name}.");
        }
    }
}
