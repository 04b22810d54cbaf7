using KvAspire.Identity.Database;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KvAspire.Identity.Users;

internal static class UsersSetup
{
    public static IServiceCollection AddUsers(this IServiceCollection services)
    {
        services.AddSingleton<ILookupNormalizer, CaseInsensitiveNames>();
        services.AddIdentityCore<User>().AddEntityFrameworkStores<IdentityDb>();

        // RegistrationRules checks the request, and the database checks uniqueness.
        services.RemoveAll<IUserValidator<User>>();
        services.RemoveAll<IPasswordValidator<User>>();
        services.AddOptions<FirstAdminOptions>().BindConfiguration(FirstAdminOptions.Section);
        return services.AddScoped<UserDirectory>().AddScoped<FirstAdmin>().AddScoped<EmailForms>();
    }
}
