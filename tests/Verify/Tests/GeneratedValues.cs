using System.Globalization;
using System.Text;

namespace KvAspire.Verify.Tests;

/// <summary>JSON texts of all kinds, in forms that serializers would not write.</summary>
internal sealed class GeneratedValues(int seed)
{
    private static readonly string[] Spaces = ["", "", "", " ", "\n", "\t", "\r\n", "  "];

    private static readonly string[] Signs = ["", "+", "-"];

    private static readonly string[] Characters =
    [
        "a", "Z", "é", "e\u0301", "漢", "😀", "שלום", "\u2028", "\u007f", "\u00a0", "<", ">", "&", "'", "+", "/", "\\\"", """\\""", """\/""", """\b""", """\f""", """\n""",
        """\r""", """\t""", """\u0000""", """\u001f""", """\u00e9""", """\u00E9""", """\uD83D\uDE00""", """\ud83d\ude00""", """\u2028""", """\ud800""", """\udc00x""",
    ];

    private readonly Random random = new(seed);

    /// <summary>The next value; never null.</summary>
    public string Next() => random.Next(6) switch
    {
        0 => Number(),
        1 => Text(random.Next(1, 40)),
        2 => Deep(random.Next(1, 60)),
        _ => Value(depth: 5) is var value and not "null" ? value : "[null]",
    };

    /// <summary>A value of exactly this size.</summary>
    public string OfSize(int bytes)
    {
        var text = new StringBuilder("[");
        while (text.Length < 1000)
            text.Append(Value(depth: 4)).Append(',');

        text.Append('"');
        return text.Append('x', bytes - Encoding.UTF8.GetByteCount(text.ToString()) - 2).Append("\"]").ToString();
    }

    private string Value(int depth) => random.Next(depth <= 0 ? 5 : 8) switch
    {
        0 => "null",
        1 => random.Next(2) == 0 ? "true" : "false",
        2 => Number(),
        3 or 4 => Text(random.Next(20)),
        5 or 6 => Joined('[', ']', () => Value(depth - 1)),
        // Few names, so that most objects have duplicates.
        _ => Joined('{', '}', () => $"{(random.Next(3) == 0 ? Text(2) : $"\"{(char)('a' + random.Next(3))}\"")}{Space()}:{Space()}{Value(depth - 1)}"),
    };

    private string Joined(char open, char close, Func<string> part) =>
        open + Space() + string.Join($"{Space()},{Space()}", Enumerable.Range(0, random.Next(6)).Select(_ => part())) + Space() + close;

    private string Deep(int depth) => depth == 0 ? Number() : random.Next(2) == 0 ? $"[{Space()}{Deep(depth - 1)}]" : $"{{\"a\":{Deep(depth - 1)}{Space()}}}";

    private string Number()
    {
        var number = new StringBuilder(random.Next(2) == 0 ? "-" : "");
        number.Append(random.Next(4) == 0 ? "0" : $"{random.Next(1, 10)}{Digits(random.Next(60))}");
        if (random.Next(2) == 0)
            number.Append('.').Append(Digits(random.Next(1, 40)));
        if (random.Next(3) == 0)
            number.Append(random.Next(2) == 0 ? 'e' : 'E').Append(Signs[random.Next(Signs.Length)]).Append(Digits(random.Next(1, 5)));
        return number.ToString();
    }

    private string Digits(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(_ => random.Next(10).ToString(CultureInfo.InvariantCulture)));

    private string Text(int characters) => $"\"{string.Concat(Enumerable.Range(0, characters).Select(_ => Characters[random.Next(Characters.Length)]))}\"";

    private string Space() => Spaces[random.Next(Spaces.Length)];
}
