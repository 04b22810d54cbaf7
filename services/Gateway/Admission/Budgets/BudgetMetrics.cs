using System.Diagnostics.Metrics;
using KvAspire.ServiceDefaults.Telemetry.Metrics;

namespace KvAspire.Gateway.Admission.Budgets;

/// <summary>Counts the requests beyond a budget.</summary>
internal sealed class BudgetMetrics : IZeroedCounters
{
    private static readonly KeyValuePair<string, object?>[] Budgets =
        [.. BudgetAdmission.Names.Select(name => KeyValuePair.Create<string, object?>("budget", name))];

    private readonly Counter<long> limited;

    public BudgetMetrics(IMeterFactory meters, IHostEnvironment environment) =>
        limited = meters.Create(environment.ApplicationName).CreateCounter<long>(
            "kvaspire.gateway.limited", "{request}", "Requests refused with 429, by the budget that is used up.");

    /// <inheritdoc/>
    public void Zero() => Array.ForEach(Budgets, budget => limited.Add(0, budget));

    /// <summary>Counts a refused request.</summary>
    public void Limit(BudgetKind kind) => limited.Add(1, Budgets[(int)kind]);
}
