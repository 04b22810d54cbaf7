namespace KvAspire.Identity.Accounts;

internal static class AccountsSetup
{
    public static IServiceCollection AddAccounts(this IServiceCollection services) => services.AddScoped<AccountStore>().AddScoped<RecentProof>();
}
