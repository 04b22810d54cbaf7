namespace KvAspire.Identity.Accounts;

/// <summary>Registers the life of accounts.</summary>
internal static class AccountsRegistration
{
    public static IServiceCollection AddAccounts(this IServiceCollection services) => services.AddScoped<AccountStore>();
}
