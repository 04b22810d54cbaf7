using System.Diagnostics;
using System.Globalization;

namespace KvAspire.TestKit.Otlp;

/// <summary>
/// Reads the spans of an export request (opentelemetry/proto/trace/v1/trace.proto). The numbers are those of its fields.
/// </summary>
internal static class OtlpTraces
{
    /// <summary>The spans of a request.</summary>
    public static List<OtlpSpan> Read(ReadOnlySpan<byte> request)
    {
        var spans = new List<OtlpSpan>();
        for (var resources = new ProtobufFields(request); resources.Read();)
        {
            if (resources.Number is 1)
                ReadResource(spans, resources.Content);
        }

        return spans;
    }

    private static void ReadResource(List<OtlpSpan> spans, ReadOnlySpan<byte> message)
    {
        var service = "";
        for (var fields = new ProtobufFields(message); fields.Read();)
        {
            if (fields.Number is 1)
                service = Attributes(fields.Content, number: 1).GetValueOrDefault("service.name", "");
            else if (fields.Number is 2)
                ReadScope(spans, service, fields.Content);
        }
    }

    private static void ReadScope(List<OtlpSpan> spans, string service, ReadOnlySpan<byte> message)
    {
        var source = "";
        for (var fields = new ProtobufFields(message); fields.Read();)
        {
            if (fields.Number is 1)
                source = First(fields.Content, number: 1);
            else if (fields.Number is 2)
                spans.Add(Span(service, source, fields.Content));
        }
    }

    private static OtlpSpan Span(string service, string source, ReadOnlySpan<byte> message)
    {
        var span = new OtlpSpan(service, source, "", "", "", "", default, default, 0, 0, Attributes(message, number: 9), [], []);
        var (events, links) = (new List<OtlpEvent>(), new List<OtlpLink>());
        for (var fields = new ProtobufFields(message); fields.Read();)
        {
            switch (fields.Number)
            {
                case 1:
                    span = span with { TraceId = fields.Hex };
                    break;
                case 2:
                    span = span with { SpanId = fields.Hex };
                    break;
                case 4:
                    span = span with { ParentId = fields.Hex };
                    break;
                case 5:
                    span = span with { Name = fields.Text };
                    break;
                case 6:
                    span = span with { Kind = (ActivityKind)(fields.Value - 1) }; // 0 is unspecified, 1 is internal
                    break;
                case 7:
                    span = span with { Start = fields.Value };
                    break;
                case 8:
                    span = span with { End = fields.Value };
                    break;
                case 11:
                    events.Add(new(First(fields.Content, number: 2), Attributes(fields.Content, number: 3)));
                    break;
                case 13:
                    links.Add(Link(fields.Content));
                    break;
                case 15:
                    span = span with { Status = Status(fields.Content) };
                    break;
            }
        }

        return span with { Events = events, Links = links };
    }

    private static OtlpLink Link(ReadOnlySpan<byte> message)
    {
        var link = new OtlpLink("", "");
        for (var fields = new ProtobufFields(message); fields.Read();)
        {
            if (fields.Number is 1)
                link = link with { TraceId = fields.Hex };
            else if (fields.Number is 2)
                link = link with { SpanId = fields.Hex };
        }

        return link;
    }

    private static ActivityStatusCode Status(ReadOnlySpan<byte> message)
    {
        for (var fields = new ProtobufFields(message); fields.Read();)
        {
            if (fields.Number is 3)
                return (ActivityStatusCode)fields.Value;
        }

        return ActivityStatusCode.Unset;
    }

    private static Dictionary<string, string> Attributes(ReadOnlySpan<byte> message, int number)
    {
        var attributes = new Dictionary<string, string>();
        for (var fields = new ProtobufFields(message); fields.Read();)
        {
            if (fields.Number == number)
                Add(attributes, fields.Content);
        }

        return attributes;
    }

    private static void Add(Dictionary<string, string> attributes, ReadOnlySpan<byte> message)
    {
        var (name, value) = ("", "");
        for (var fields = new ProtobufFields(message); fields.Read();)
        {
            if (fields.Number is 1)
                name = fields.Text;
            else if (fields.Number is 2)
                value = Value(fields.Content);
        }

        attributes[name] = value;
    }

    private static string Value(ReadOnlySpan<byte> message)
    {
        var value = new ProtobufFields(message);
        return !value.Read() ? "" : value.Number switch
        {
            1 => value.Text,
            2 => value.Value is 0 ? "false" : "true",
            3 => ((long)value.Value).ToString(CultureInfo.InvariantCulture),
            4 => BitConverter.UInt64BitsToDouble(value.Value).ToString(CultureInfo.InvariantCulture),
            _ => value.Hex, // lists and bytes
        };
    }

    private static string First(ReadOnlySpan<byte> message, int number)
    {
        for (var fields = new ProtobufFields(message); fields.Read();)
        {
            if (fields.Number == number)
                return fields.Text;
        }

        return "";
    }
}
