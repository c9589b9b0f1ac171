using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Projects;

public sealed class NewProjectTests
{
    [Fact]
    public void ProjectWithoutSourcesAndDirectoriesHasTheDefaultDatabase()
    {
        using var project = new TestProject();

        Assert.Equal(["default"], project.Open().Databases.Select(d => d.Name));
        Assert.False(Directory.Exists(Path.Combine(project.Directory, "migrations")));
    }

    [Fact]
    public void NewNameMakesADatabaseOnlyWhereNoMetadataNamesTheSources()
    {
        using var project = new TestProject();
        Assert.Equal(Path.Combine(project.Directory, "migrations", "reporting"), project.Open().DatabaseOrNew("reporting").MigrationsDirectory);

        project.Write("metadata/databases/databases.yaml", "- name: main\n  kind: postgres\n");
        Assert.Equal("DatabaseNotFound", Assert.Throws<HasuraMigrationException>(() => project.Open().DatabaseOrNew("reporting")).ErrorId);
        Assert.Equal("main", project.Open().DatabaseOrNew("MAIN").Name);
    }

    [Fact]
    public void NewNameStaysInsideTheMigrationsDirectory()
    {
        using var project = new TestProject();

        Assert.Equal("DatabaseNotFound", Assert.Throws<HasuraMigrationException>(() => project.Open().DatabaseOrNew("../out")).ErrorId);
    }
}
