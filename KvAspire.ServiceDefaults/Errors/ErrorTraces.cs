using KvAspire.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.ServiceDefaults.Errors;

/// <summary>Keeps the traces of errors, so that an operator finds the <c>trace_id</c> that a client quotes.</summary>
public static class ErrorTraces
{
    /// <summary>
    /// Keeps the trace of a request whose answer, an error, is about to be written. Beyond what may be kept
    /// (<c>Telemetry:KeptErrorsPerSecond</c>) the answer says so in the header <c>Trace-Recorded</c>.
    /// </summary>
    /// <returns>False if it is not recorded; else null. Where no traces are exported there is nothing to tell.</returns>
    public static bool? Keep(HttpContext context) =>
        context.RequestServices.GetService<KeptRequests>()?.TryKeepError(context) is false ? false : null;
}
