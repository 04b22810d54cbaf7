using System.Data.Common;
using KvAspire.Identity.SigningKeys;
using Microsoft.EntityFrameworkCore.Storage;

namespace KvAspire.Identity;

/// <summary>The failures at start that the operator can mend, as opposed to bugs.</summary>
internal static class StartFailure
{
    /// <summary>The reason for the operator; null for a bug.</summary>
    public static string? ReasonOf(Exception exception) => exception switch
    {
        RetryLimitExceededException => exception.GetBaseException().Message,
        OptionsValidationException or SigningKeyException or DbException => exception.Message,
        _ => null,
    };
}
