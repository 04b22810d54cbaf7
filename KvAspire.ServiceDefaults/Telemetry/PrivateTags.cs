using System.Diagnostics;
using OpenTelemetry;

namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Removes user data from spans: a path of the data API contains a key. The route (<c>http.route</c>) and the server's address
/// stay.
/// </summary>
internal sealed class PrivateTags : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        data.SetTag("url.path", null);
        data.SetTag("url.query", null);
        data.SetTag("url.full", null);
    }
}
