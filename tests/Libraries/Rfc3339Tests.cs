using System.Globalization;
using KvAspire.ServiceDefaults.Requests;

namespace KvAspire.Libraries.Tests;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2030-01-31T23:59:58Z", "2030-01-31T23:59:58.0000000")]
    [InlineData("2030-01-31t23:59:58z", "2030-01-31T23:59:58.0000000")]
    [InlineData("2030-01-31T23:59:58+01:30", "2030-01-31T22:29:58.0000000")]
    [InlineData("2030-01-31T23:59:58-23:59", "2030-02-01T23:58:58.0000000")]
    [InlineData("2030-01-31T23:59:58-00:00", "2030-01-31T23:59:58.0000000")]
    [InlineData("2030-01-31T23:59:58.5Z", "2030-01-31T23:59:58.5000000")]
    [InlineData("2030-01-31T23:59:58.1234567Z", "2030-01-31T23:59:58.1234567")]
    [InlineData("2030-01-31T23:59:58.123456789012345678901234567890Z", "2030-01-31T23:59:58.1234567")]
    [InlineData("2028-02-29T00:00:00Z", "2028-02-29T00:00:00.0000000")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.0000000")]
    [InlineData("1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.0000000")]
    [InlineData("2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.2500000")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000")]
    [InlineData("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.0000000")]
    public void A_moment_with_a_zone_is_read_as_utc(string text, string utc)
    {
        Assert.True(Rfc3339.TryRead(text, out var moment));
        Assert.Equal(TimeSpan.Zero, moment.Offset);
        Assert.Equal(utc, moment.DateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffff", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(null), InlineData(""), InlineData("soon")]
    [InlineData("03/04/2027"), InlineData("23:59"), InlineData("2030-06"), InlineData("2030-06-01"), InlineData("20300601T000000Z")]
    [InlineData("2030-06-01T00:00:00"), InlineData("2030-06-01T00:00Z"), InlineData("2030-06-01 00:00:00Z"), InlineData("2030-06-01T00:00:00 Z")]
    [InlineData("2030-06-01T00:00:00+0100"), InlineData("2030-06-01T00:00:00+01"), InlineData("2030-06-01T00:00:00+24:00")]
    [InlineData("2030-06-01T00:00:00+01:60"), InlineData("2030-06-01T00:00:00 01:00"), InlineData("2030-06-01T00:00:00UTC")]
    [InlineData("2030-06-01T00:00:00.Z"), InlineData("2030-06-01T00:00:00,5Z"), InlineData("2030-06-01T00:00:00.5"), InlineData("2030-06-01T00:00:00.5.5Z")]
    [InlineData("2030-02-29T00:00:00Z"), InlineData("2030-13-01T00:00:00Z"), InlineData("2030-06-31T00:00:00Z"), InlineData("2030-00-01T00:00:00Z")]
    [InlineData("2030-06-01T24:00:00Z"), InlineData("2030-06-01T23:60:00Z"), InlineData("2030-06-01T23:59:61Z")]
    [InlineData("2030-06-01T23:59:60Z"), InlineData("2030-06-30T22:59:60Z"), InlineData("2030-06-30T23:59:60+01:00")]
    [InlineData(" 2030-06-01T00:00:00Z"), InlineData("2030-06-01T00:00:00Z "), InlineData("2030-06-01T00:00:00ZZ"), InlineData("+2030-06-01T00:00:00Z")]
    [InlineData("2030-6-01T00:00:00Z"), InlineData("2030-06-1T00:00:00Z"), InlineData("\u0662030-06-01T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z"), InlineData("0001-01-01T00:00:00+00:01"), InlineData("9999-12-31T23:59:59-00:01"), InlineData("9999-12-31T23:59:60Z")]
    public void Any_other_text_is_no_moment(string? text) => Assert.False(Rfc3339.TryRead(text, out _));
}
