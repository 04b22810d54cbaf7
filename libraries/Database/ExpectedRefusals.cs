using System.Diagnostics;
using OpenTelemetry;

namespace KvAspire.Database;

/// <summary>
/// Makes no error of a statement that Postgres refuses as it is meant to: the end of a race for a unique name, an owner that was
/// erased, a conflict that is tried again. The caller answers it, and an operator need not look.
/// </summary>
/// <param name="states">The SQLSTATEs.</param>
public sealed class ExpectedRefusals(params IReadOnlyCollection<string> states) : BaseProcessor<Activity>
{
    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        if (data.Status is ActivityStatusCode.Error && data.GetTagItem("db.response.status_code") is string state && states.Contains(state))
        {
            data.SetStatus(ActivityStatusCode.Unset);
            data.SetTag("error.type", null);
        }
    }
}
