using KvAspire.ServiceDefaults.Requests;

namespace KvAspire.Libraries.Tests;

public sealed class UuidTextTests
{
    private const string Id = "0197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b";

    [Theory]
    [InlineData(Id)]
    [InlineData("0197A1B2-3C4D-7E5F-8A6B-7C8D9E0F1A2B")]
    [InlineData("0197a1B2-3C4d-7e5f-8A6b-7c8D9e0f1a2B")]
    public void A_uuid_in_any_case_is_read_in_lower_case(string text)
    {
        Assert.Equal(Id, UuidText.Read(text));
        Assert.Equal(Id, UuidText.ReadSubject(text));
    }

    [Theory]
    [InlineData(""), InlineData("x"), InlineData("my-Client"), InlineData("0197a1b23c4d7e5f8a6b7c8d9e0f1a2b"), InlineData($"{{{Id}}}"), InlineData($"urn:uuid:{Id}")]
    [InlineData($" {Id}"), InlineData($"{Id} "), InlineData("0x97a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b"), InlineData("+197a1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b")]
    public void Any_other_text_is_no_uuid_and_a_subject_as_it_is(string text)
    {
        Assert.Null(UuidText.Read(text));
        Assert.Equal(text, UuidText.ReadSubject(text));
    }
}
