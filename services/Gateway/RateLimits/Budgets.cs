using System.ComponentModel.DataAnnotations;

namespace KvAspire.Gateway.RateLimits;

/// <summary>
/// How much may be asked for. Section <c>RateLimits</c>; a change of <c>appsettings.json</c> counts at once. Each budget
/// counts by user where a token says whose request it is, and by address where none does.
/// </summary>
internal sealed class Budgets : IValidatableObject
{
    /// <summary>The section's name.</summary>
    public const string Section = "RateLimits";

    /// <summary>Registrations.</summary>
    public Budget Registration { get; set; } = new() { Limit = 60, Window = TimeSpan.FromMinutes(10) };

    /// <summary>Sign-ins, and whatever else tries a secret: each costs a slow hash.</summary>
    public Budget SignIn { get; set; } = new() { Limit = 60 };

    /// <summary>The account, its sessions and keys, administration.</summary>
    public Budget Account { get; set; } = new() { Limit = 600 };

    /// <summary>Reading data.</summary>
    public Budget Read { get; set; } = new() { Limit = 600_000 };

    /// <summary>Changing data.</summary>
    public Budget Write { get; set; } = new() { Limit = 300_000 };

    /// <summary>Everything else: public documents, addresses where nothing is, tokens that are not valid.</summary>
    public Budget Other { get; set; } = new() { Limit = 6_000 };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var kind in Enum.GetValues<BudgetKind>())
        {
            if (!Of(kind).IsValid)
                yield return new($"{Section}:{kind} must have a Limit of 0 to 100000000 and a Window of whole seconds, a day at most.");
        }
    }

    /// <summary>The budget of a kind.</summary>
    public Budget Of(BudgetKind kind) => kind switch
    {
        BudgetKind.Registration => Registration,
        BudgetKind.SignIn => SignIn,
        BudgetKind.Account => Account,
        BudgetKind.Read => Read,
        BudgetKind.Write => Write,
        _ => Other,
    };
}
