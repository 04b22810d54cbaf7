using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace KvAspire.ServiceDefaults.Requests;

/// <summary>
/// Reads integers of a body. As in JSON Schema (2020-12, validation, section 6.1.1), an integer is any number whose value is
/// one: <c>60.0</c> and <c>6e1</c> as well as <c>60</c>.
/// </summary>
public static class JsonIntegers
{
    // More than any exponent that a number of some digits can need, and so small that sums do not overflow.
    private const int MaxExponent = 1_000_000_000;

    extension(JsonElement json)
    {
        /// <summary>Reads an integer of 64 bits.</summary>
        /// <returns>False if the element is no number, or its value is no such integer.</returns>
        public bool TryReadInteger(out long number)
        {
            number = 0;
            if (json.ValueKind is not JsonValueKind.Number)
                return false;

            return json.TryGetInt64(out number)
                || (json.TryReadInteger(maxDigits: 19, out var digits)
                    && long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number));
        }

        /// <summary>Reads an integer of any size.</summary>
        /// <param name="maxDigits">The most digits.</param>
        /// <param name="digits">The integer in digits, without leading zeros, and with a sign only if it is negative.</param>
        /// <returns>False if the element is no number, or its value is no such integer.</returns>
        public bool TryReadInteger(int maxDigits, out string digits)
        {
            digits = "";
            return json.ValueKind is JsonValueKind.Number && TryRead(JsonMarshal.GetRawUtf8Value(json), maxDigits, out digits);
        }
    }

    // The text is a number of JSON. Its value is that of the significant digits, followed by as many zeros as the scale.
    private static bool TryRead(ReadOnlySpan<byte> text, int maxDigits, out string digits)
    {
        digits = "0";
        var isNegative = text[0] is (byte)'-';
        var mantissa = Split(isNegative ? text[1..] : text, out var scale);
        var point = mantissa.IndexOf((byte)'.');
        var significant = (point < 0 ? mantissa : [.. mantissa[..point], .. mantissa[(point + 1)..]]).TrimStart((byte)'0');
        if (significant.IsEmpty)
            return true;

        scale -= point < 0 ? 0 : mantissa.Length - point - 1;
        var trimmed = significant.TrimEnd((byte)'0');
        scale += significant.Length - trimmed.Length;
        if (scale < 0 || trimmed.Length + scale > maxDigits)
            return false;

        digits = string.Concat(isNegative ? "-" : "", Encoding.ASCII.GetString(trimmed), new string('0', (int)scale));
        return true;
    }

    // Returns the number without its exponent.
    private static ReadOnlySpan<byte> Split(ReadOnlySpan<byte> number, out long exponent)
    {
        exponent = 0;
        var e = number.IndexOfAny((byte)'e', (byte)'E');
        if (e < 0)
            return number;

        foreach (var digit in number[(e + 1)..].TrimStart("+-"u8))
            exponent = Math.Min((10 * exponent) + digit - '0', MaxExponent);
        if (number[e + 1] is (byte)'-')
            exponent = -exponent;
        return number[..e];
    }
}
