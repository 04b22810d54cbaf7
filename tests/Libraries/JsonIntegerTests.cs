using System.Text.Json;
using KvAspire.ServiceDefaults.Requests;

namespace KvAspire.Libraries.Tests;

/// <summary>Integers as JSON Schema defines them: by the value, not by the spelling.</summary>
public sealed class JsonIntegerTests
{
    [Theory]
    [InlineData("60", 60)]
    [InlineData("60.0", 60)]
    [InlineData("6e1", 60)]
    [InlineData("6E+1", 60)]
    [InlineData("0.6e2", 60)]
    [InlineData("600e-1", 60)]
    [InlineData("6000.00e-2", 60)]
    [InlineData("-60.0", -60)]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("-0.0", 0)]
    [InlineData("0e999999999999999999999", 0)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775807.000", long.MaxValue)]
    [InlineData("922337203685477580.7e1", long.MaxValue)]
    [InlineData("-9223372036854775808.0", long.MinValue)]
    public void A_number_whose_value_is_an_integer_is_one(string json, long expected)
    {
        Assert.True(Parse(json).TryReadInteger(out var integer));
        Assert.Equal(expected, integer);
    }

    [Theory]
    [InlineData("60.5")]
    [InlineData("6e-1")]
    [InlineData("600.12e1")]
    [InlineData("1e-999999999999999999999")]
    [InlineData("1e999999999999999999999")]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809.0")]
    [InlineData("1e19")]
    [InlineData("\"60\"")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("[60]")]
    public void Anything_else_is_none(string json) => Assert.False(Parse(json).TryReadInteger(out _));

    [Theory]
    [InlineData("1e99", true)]
    [InlineData("-1e99", true)]
    [InlineData("1e100", false)]
    [InlineData("0.1e100", true)]
    public void The_number_of_digits_is_limited_by_the_value(string json, bool isInteger)
    {
        Assert.Equal(isInteger, Parse(json).TryReadInteger(maxDigits: 100, out var digits));
        if (isInteger)
            Assert.Equal(100, digits.TrimStart('-').Length);
    }

    [Theory]
    [InlineData("7", "7")]
    [InlineData("0.0007e4", "7")]
    [InlineData("-12.50e3", "-12500")]
    [InlineData("-0", "0")]
    public void The_digits_have_no_leading_zeros_and_zero_has_no_sign(string json, string expected)
    {
        Assert.True(Parse(json).TryReadInteger(maxDigits: 100, out var digits));
        Assert.Equal(expected, digits);
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement.Clone();
}
