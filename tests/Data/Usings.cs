global using KvAspire.Data.Tests.Fixtures;
