using KvAspire.Identity.Passwords;
using KvAspire.Identity.Tests.Fixtures;
using KvAspire.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace KvAspire.Identity.Tests;

public sealed class PasswordTests(IdentityFixture identity)
{
    private const string TooShortOrLong = "It must be 8 to 128 characters long.";
    private const string Common = "It must not be a commonly used password.";
    private const string Personal = "It must not be nearly the same as the username or the email.";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Refused => new()
    {
        { "7 chars", TooShortOrLong },
        { "\U0001F600\U0001F601\U0001F602\U0001F603\U0001F604\U0001F605\U0001F606", TooShortOrLong }, // 7 code points, 14 UTF-16 units
        { new string('x', 129) + "y", TooShortOrLong },
        { new string('z', 20_000), TooShortOrLong },
        { "password123", Common },
        { "PASSWORD123", Common },
        { "P@ssw0rd!", Common },
        { "Welcome2024!", Common },
        { "ｐａｓｓｗｏｒｄ", Common }, // full-width letters are the same letters
        { "12345678", Common },
        { "87654321", Common },
        { "00000000", Common },
        { "qwertyuiop", Common },
        { "poiuytrewq", Common },
        { "1qaz2wsx3edc", Common },
        { "abcabcabcabc", Common },
        { "dragondragon", Common },
        { "iloveyou1", Common },
    };

    public static TheoryData<string> Accepted =>
    [
        "secure_password123", "correct horse battery", "        .", "пять яблок", "\U0001F600\U0001F601\U0001F602\U0001F603\U0001F604\U0001F605\U0001F606\U0001F607",
        string.Concat(Enumerable.Range(0, 32).Select(i => $"{i:X2}-\u00e9")),
    ];

    [Theory, MemberData(nameof(Refused))]
    public Task Register_refuses_a_weak_password(string password, string objection) =>
        AssertRefusedAsync(Person.New() with { Password = password }, objection);

    [Theory]
    [InlineData("fred.weasley@mail.example", "fredericton.weasleys", "fredericton.weasleys")]
    [InlineData("fred.weasley@mail.example", "fredericton.weasleys", "FREDERICTON-weasleys!")]
    [InlineData("fred.weasley@mail.example", "fredericton.weasleys", "fredericton.weasleys2024")]
    [InlineData("fred.weasley@mail.example", "fredericton.weasleys", "syelsaewnotcirederf")]
    [InlineData("fred.weasley@mail.example", "fredericton.weasleys", "fredericton.weazleyz")]
    [InlineData("fred.weasley@mail.example", "fredericton.weasleys", "fred.weasley")]
    [InlineData("fred.weasley@mail.example", "fredericton.weasleys", "1fredweasley1")]
    [InlineData("fred.weasley@mail.example", "fredericton.weasleys", "fred.weasley@mail.example")]
    [InlineData("fred.weasley@mail.example", "zoe", "zoe-2024")]
    public Task Register_refuses_a_password_that_resembles_the_username_or_email(string email, string username, string password) =>
        AssertRefusedAsync(new(username, email, password), Personal);

    [Theory, MemberData(nameof(Accepted))]
    public async Task Any_other_password_of_8_to_128_code_points_is_accepted_and_signs_in(string password)
    {
        var person = Person.New() with { Password = password };
        await person.RegisterAsync(identity.Client, Cancelled);
        Assert.NotEmpty(await person.SignInAsync(identity.Client, Cancelled));
    }

    [Fact]
    public void At_least_10000_common_passwords_of_allowed_length_are_refused()
    {
        var common = new CommonPasswords();
        var listed = CommonPasswords.ReadWords().Where(word => word.Length >= 8).ToHashSet();

        Assert.InRange(listed.Count, 10_000, 100_000);
        Assert.All(listed, word => Assert.True(common.Contains(word)));
    }

    [Fact]
    public async Task Differently_encoded_characters_make_the_same_password()
    {
        var person = Person.New() with { Password = "cafe\u0301 ﬁnesse Å" }; // combining accent, ligature, angstrom sign
        await person.RegisterAsync(identity.Client, Cancelled);
        Assert.NotEmpty(await (person with { Password = "caf\u00e9 finesse \u00c5" }).SignInAsync(identity.Client, Cancelled));
    }

    [Fact]
    public async Task A_password_is_stored_as_PBKDF2_with_HMAC_SHA512_and_210000_iterations()
    {
        var byDefault = new HashingOptions().Iterations;
        await using var service = IdentityService.Start(identity.Service.Database, services =>
            services.Configure<HashingOptions>(options => options.Iterations = byDefault));
        var id = await Person.New().RegisterAsync(service.Client, Cancelled);
        var row = Assert.Single(await IdentityFixture.QueryAsync(
            identity.Service.Database, $"SELECT password_hash FROM users WHERE id = '{id}'", Cancelled));

        var hash = Convert.FromBase64String(row);
        Assert.Equal(1, hash[0]); // the format's version 3
        Assert.Equal(2, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(1))); // HMAC-SHA512
        Assert.Equal(210_000, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(5)));
    }

    private async Task AssertRefusedAsync(Person person, string objection)
    {
        using var response = await identity.Client.PostAsync("/api/register", Person.Json(person.Registration), Cancelled);
        await Envelope.AssertErrorAsync(response, 400, "INVALID_PASSWORD",
            $"The provided password does not meet the requirements. {objection}", Cancelled);
    }
}
