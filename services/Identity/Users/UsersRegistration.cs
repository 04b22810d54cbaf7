using KvAspire.Identity.Database;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KvAspire.Identity.Users;

/// <summary>Registers the users.</summary>
internal static class UsersRegistration
{
    public static IServiceCollection AddUsers(this IServiceCollection services)
    {
        services.AddSingleton<ILookupNormalizer, CaseInsensitiveNames>();
        services.AddIdentityCore<User>().AddEntityFrameworkStores<IdentityDb>();

        // The request was checked against the contract, and uniqueness is the database's to say.
        services.RemoveAll<IUserValidator<User>>();
        services.RemoveAll<IPasswordValidator<User>>();
        services.AddOptions<FirstAdminOptions>().BindConfiguration(FirstAdminOptions.Section);
        return services.AddScoped<UserDirectory>().AddScoped<FirstAdmin>();
    }
}
