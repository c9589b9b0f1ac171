using HasuraMigrations.Engine.Tests.Support;

[assembly: AssemblyFixture(typeof(PostgresServer))]
