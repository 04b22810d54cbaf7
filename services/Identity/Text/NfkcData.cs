using System.Globalization;

namespace KvAspire.Identity.Text;

/// <summary>The tables of <see cref="Nfkc"/>, read from <c>nfkc.txt</c> at first use.</summary>
internal static class NfkcData
{
    static NfkcData()
    {
        foreach (var line in DataFile.ReadLines("nfkc.txt"))
        {
            var (from, to) = (line[2..line.IndexOf(';')], line[(line.IndexOf(';') + 1)..]);
            switch (line[0])
            {
                case 'c':
                    var range = Points(from.Replace("..", " ", StringComparison.Ordinal));
                    for (var point = range[0]; point <= range[1]; point++)
                        Classes.Add(point, byte.Parse(to, CultureInfo.InvariantCulture));
                    break;
                case 'd':
                    Decompositions.Add(Points(from)[0], Points(to));
                    break;
                case 'p':
                    var pair = Points(from);
                    Composites.Add((pair[0], pair[1]), Points(to)[0]);
                    break;
            }
        }
    }

    /// <summary>The canonical combining class of each code point that has one other than 0.</summary>
    public static Dictionary<int, byte> Classes { get; } = [];

    /// <summary>The full compatibility decomposition of each code point that has one, Hangul aside.</summary>
    public static Dictionary<int, int[]> Decompositions { get; } = [];

    /// <summary>What two code points compose to.</summary>
    public static Dictionary<(int First, int Second), int> Composites { get; } = [];

    private static int[] Points(string hex) =>
        [.. hex.Split(' ').Select(point => int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
