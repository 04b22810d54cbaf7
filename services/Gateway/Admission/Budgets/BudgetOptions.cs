using System.ComponentModel.DataAnnotations;

namespace KvAspire.Gateway.Admission.Budgets;

/// <summary>The kinds of requests, each with a budget of its own (<see cref="BudgetOptions"/>).</summary>
internal enum BudgetKind
{
    Other,
    Registration,
    SignIn,
    Introspection,
    Account,
    Read,
    Write,
}

/// <summary>Allows one user, or one address, <see cref="Limit"/> requests in any <see cref="Window"/>.</summary>
internal sealed class Budget
{
    /// <summary>0 is no limit.</summary>
    public int Limit { get; set; }

    /// <summary>Whole seconds.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    public bool IsValid =>
        Limit is >= 0 and <= 100_000_000
        && Window >= TimeSpan.FromSeconds(1) && Window <= TimeSpan.FromDays(1) && Window.Ticks % TimeSpan.TicksPerSecond == 0;
}

/// <summary>
/// The budgets. Section <c>RateLimits</c>; a change of <c>appsettings.json</c> applies at once. A budget counts by user if the
/// request has a valid token, else by address; <see cref="Registration"/> always counts by address.
/// </summary>
internal sealed class BudgetOptions : IValidatableObject
{
    public const string Section = "RateLimits";

    /// <summary>Requests whose answer tells whether a username or an e-mail address is taken: by address, with a token as well.</summary>
    public Budget Registration { get; set; } = new() { Limit = 60, Window = TimeSpan.FromMinutes(10) };

    /// <summary>All requests that try a secret. Those with a password cost a slow hash.</summary>
    public Budget SignIn { get; set; } = new() { Limit = 60 };

    /// <summary>
    /// Introspections, by address: enough for a resource server that introspects the token of each of its requests. Identity also
    /// counts them by client, once the client has authenticated.
    /// </summary>
    public Budget Introspection { get; set; } = new() { Limit = 60_000 };

    /// <summary>The account, its sessions and API keys, administration.</summary>
    public Budget Account { get; set; } = new() { Limit = 600 };

    public Budget Read { get; set; } = new() { Limit = 600_000 };

    public Budget Write { get; set; } = new() { Limit = 300_000 };

    /// <summary>Public documents, unknown paths, invalid tokens.</summary>
    public Budget Other { get; set; } = new() { Limit = 6_000 };

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var kind in Enum.GetValues<BudgetKind>())
        {
            if (!Of(kind).IsValid)
                yield return new($"{Section}:{kind} must have a Limit of 0 to 100000000 and a Window of whole seconds up to a day.");
        }
    }

    public Budget Of(BudgetKind kind) => kind switch
    {
        BudgetKind.Registration => Registration,
        BudgetKind.SignIn => SignIn,
        BudgetKind.Introspection => Introspection,
        BudgetKind.Account => Account,
        BudgetKind.Read => Read,
        BudgetKind.Write => Write,
        _ => Other,
    };
}
