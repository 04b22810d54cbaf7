namespace KvAspire.ServiceDefaults.Telemetry;

/// <summary>The event ids of all log messages, unique in the whole system. A test compares this list with the source.</summary>
#pragma warning disable CS1591 // the name of each is its documentation
public static class EventIds
{
    // The data service.
    public const int WarmUpSkipped = 1;
    public const int SweepPostponed = 10;
    public const int CacheStateNotShared = 23;
    public const int NotificationNotSent = 30;
    public const int NotificationsNotHeard = 31;
    public const int ChangePollPostponed = 32;
    public const int ChangesCompacted = 40;
    public const int CompactionPostponed = 41;
    public const int WriteBatchDivided = 50;
    public const int WriteOutcomeUnknown = 51;
    public const int VeilNotLifted = 52;
    public const int BatchedWriteFailed = 53;
    public const int OwnerSweepPostponed = 54;

    // The identity service.
    public const int SigningKeysLoaded = 1001;
    public const int SigningKeysNotLoaded = 1002;
    public const int RevocationsNotRead = 1003;
    public const int ErasureNotAnswered = 1004;
    public const int ErasureStepFailed = 1005;
    public const int AddressErasurePostponed = 1006;

    // The gateway.
    public const int NotForwarded = 2001;
    public const int BatchNotAnswered = 2002;
    public const int ReadyWithoutService = 2003;

    // libraries/Redis.
    public const int RedisClientNotMade = 20;
    public const int RedisLost = 21;
    public const int RedisBack = 22;

    // libraries/TokenChecking.
    public const int SigningKeysNotFetched = 3001;
    public const int RevocationsNotFetched = 3002;
    public const int RevocationsFetchedAgain = 3003;

    // Metrics.
    public const int SurveyPostponed = 4100;

    // libraries/Database.
    public const int FunctionNotCallable = 4220;

    // KvAspire.ServiceDefaults: every service.
    public const int RequestRefused = 4200;
    public const int RequestUnavailable = 4201;
    public const int RequestFailed = 4202;
    public const int RefusalsOmitted = 4203;
    public const int DatabaseCannotServe = 4204;
    public const int HealthCheckFailed = 4210;
    public const int HealthCheckHealthy = 4211;

    // The failure lab of the AppHost.
    public const int ServerContinued = 4300;
    public const int CacheDelayEnded = 4301;
    public const int CacheDelayBroken = 4302;
    public const int LoadEnded = 4303;
}
