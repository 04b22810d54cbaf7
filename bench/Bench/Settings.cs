using System.Globalization;

namespace KvAspire.Bench;

/// <summary>The command line: rows to measure, <c>--rounds N</c>, <c>--seconds N</c>, <c>--connections N</c>.</summary>
internal sealed record Settings(IReadOnlySet<string> Rows, int Rounds, int Seconds, int Connections)
{
    public static Settings? Read(string[] arguments, int seconds = 8, int connections = 64, int rounds = 3)
    {
        var rows = new HashSet<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is "get" or "put" or "token")
                rows.Add(arguments[i]);
            else if (i + 1 < arguments.Length && int.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 10_000)
                (rounds, seconds, connections) = arguments[i++] switch
                {
                    "--rounds" => (number, seconds, connections),
                    "--seconds" => (rounds, number, connections),
                    "--connections" => (rounds, seconds, number),
                    _ => (0, 0, 0),
                };
            else
                rounds = 0;

            if (rounds == 0)
                return null;
        }

        return new(rows.Count > 0 ? rows : new HashSet<string>(["get", "put", "token"]), rounds, seconds, connections);
    }
}
