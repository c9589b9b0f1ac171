using HasuraMigrations.Engine.Migrations;
using HasuraMigrations.Engine.Tests.Support;

namespace HasuraMigrations.Engine.Tests.Squashing;

/// <summary>Actions on metadata of config version 1 are merged by the passes of Hasura's CLI, without its mistakes.</summary>
public sealed class ActionMergeTests
{
    private const string Track = "{type: track_table, args: t}";
    private const string Untrack = "{type: untrack_table, args: {table: t}}";
    private const string Sql = "{type: run_sql, args: {sql: SELECT 1}}";

    /// <summary>Actions, and the types of those that are left.</summary>
    public static TheoryData<string, string> Merged => new()
    {
        { "{type: create_cron_trigger, args: {name: c}}; {type: delete_cron_trigger, args: {name: c}}", "" },
        { "{type: delete_cron_trigger, args: {name: c}}; {type: create_cron_trigger, args: {name: c}}", "delete_cron_trigger create_cron_trigger" },
        { "{type: create_cron_trigger, args: {name: c}}; {type: create_cron_trigger, args: {name: c, replace: true}}; {type: delete_cron_trigger, args: {name: c}}", "" },
        { "{type: create_cron_trigger, args: {name: c, replace: true}}; {type: delete_cron_trigger, args: {name: c}}", "create_cron_trigger delete_cron_trigger" },
        { "{type: create_event_trigger, args: {name: e, table: t, replace: false}}; {type: delete_event_trigger, args: {name: e}}", "" },
        { "{type: create_remote_relationship, args: {table: t, name: r}}; {type: delete_remote_relationship, args: {table: t, name: r}}", "" },
        { "{type: update_remote_relationship, args: {table: t, name: r}}; {type: update_remote_relationship, args: {table: t, name: r}}", "update_remote_relationship" },
        { "{type: update_remote_relationship, args: {table: t, name: r}}; {type: delete_remote_relationship, args: {table: t, name: r}}", "delete_remote_relationship" },
        { "{type: create_object_relationship, args: {table: t, name: r}}; {type: drop_relationship, args: {table: {schema: public, name: t}, relationship: r}}", "" },
        { "{type: create_array_relationship, args: {table: t, name: r}}; {type: drop_relationship, args: {table: {schema: other, name: t}, relationship: r}}", "create_array_relationship drop_relationship" },
        { "{type: create_select_permission, args: {table: t, role: u}}; {type: drop_select_permission, args: {table: t, role: u}}", "" },
        { "{type: create_select_permission, args: {table: t, role: u}}; {type: drop_update_permission, args: {table: t, role: u}}", "create_select_permission drop_update_permission" },
        { "{type: drop_select_permission, args: {table: t, role: u}}; {type: create_select_permission, args: {table: t, role: u}}; {type: drop_select_permission, args: {table: t, role: u}}; {type: create_select_permission, args: {table: t, role: u}}", "drop_select_permission create_select_permission" },
        { "{type: add_computed_field, args: {table: t, name: f}}; {type: drop_computed_field, args: {table: t, name: f}}", "" },
        { "{type: set_table_customization, args: {table: t, configuration: {}}}; {type: set_table_customization, args: {table: t, configuration: {}}}", "set_table_customization" },
        { $"{Track}; {{type: create_insert_permission, args: {{table: t, role: u}}}}; {{type: set_table_is_enum, args: {{table: t, is_enum: true}}}}; {Untrack}", "" },
        { $"{Untrack}; {Track}", "untrack_table track_table" },
        { $"{Track}; {{type: untrack_table, args: {{table: t, cascade: true}}}}", "track_table untrack_table" },
        { "{type: add_existing_table_or_view, args: {schema: public, name: t}}; {type: untrack_table, args: {table: {schema: public, name: t}}}", "" },
        { "{type: track_function, args: f}; {type: untrack_function, args: {function: f}}", "" },
        { "{type: track_function, version: 2, args: {function: f, configuration: {session_argument: s}}}; {type: untrack_function, args: f}", "" },
        { "{type: add_remote_schema, args: {name: s}}; {type: remove_remote_schema, args: {name: s}}", "" },
        { "{type: add_collection_to_allowlist, args: {collection: q}}; {type: drop_collection_from_allowlist, args: {collection: q}}", "" },
        { "{type: add_query_to_collection, args: {collection_name: q, query_name: a, query: x}}; {type: drop_query_from_collection, args: {collection_name: q, query_name: a}}", "" },
        { "{type: create_query_collection, args: {name: q, definition: {queries: []}}}; {type: add_query_to_collection, args: {collection_name: q, query_name: a, query: x}}", "create_query_collection" },
        { "{type: create_query_collection, args: {name: q, definition: {queries: []}}}; {type: add_collection_to_allowlist, args: {collection: q}}; {type: drop_query_collection, args: {collection: q, cascade: true}}", "" },
        { "{type: set_custom_types, args: {enums: []}}; {type: set_custom_types, args: {scalars: []}}", "set_custom_types" },
        { "{type: set_custom_types, args: {enums: []}}; {type: create_action, args: {name: a}}; {type: set_custom_types, args: {scalars: []}}", "set_custom_types create_action set_custom_types" },
        { "{type: create_action, args: {name: a, definition: 1}}; {type: update_action, args: {name: a, definition: 2}}", "create_action" },
        { "{type: create_action, args: {name: a}}; {type: create_action_permission, args: {action: a, role: u}}; {type: drop_action, args: {name: a}}", "" },
        { "{type: create_action_permission, args: {action: a, role: u}}; {type: drop_action_permission, args: {action: a, role: v}}", "create_action_permission drop_action_permission" },
        { "{type: create_action_permission, args: {action: a, role: u}}; {type: drop_action_permission, args: {action: a, role: u}}", "" },
        { $"{Track}; {{type: clear_metadata, args: {{}}}}; {{type: track_table, args: v}}", "clear_metadata track_table" },
        { $"{Track}; {{type: replace_metadata, args: {{tables: []}}}}", "replace_metadata" },
        { $"{{type: bulk, args: [{Track}, {Untrack}]}}", "" },
        // What is not known is kept, and nothing is merged across it.
        { $"{Track}; {{type: rename_relationship, args: {{table: t, name: a, new_name: b}}}}; {Untrack}", "track_table rename_relationship untrack_table" },
        // SQL may drop a table with its metadata, so that a second action of the same kind is none too many.
        { $"{Track}; {Sql}; {Track}", "track_table run_sql track_table" },
        { $"{Track}; {Sql}; {Untrack}", "" },
    };

    [Theory]
    [MemberData(nameof(Merged))]
    public void What_later_actions_undo_is_left_out(string actions, string left)
    {
        using var project = Project(actions.Split("; "));

        var migration = project.Plan(1).Migration;

        var types = migration.Text(MigrationStepKind.UpYaml) is { } yaml ? StepAction.Read(yaml, "up.yaml").Select(a => a.Type) : [];
        Assert.Equal(left, string.Join(' ', types));
        Assert.Equal([1L, 2], SquashManifest.Read(migration)!.Versions.Select(v => v.Version));
    }

    [Theory]
    [InlineData("{type: create_object_relationship, args: {table: t, name: r, using: 1}}; {type: set_relationship_comment, args: {table: t, name: r, comment: c}}", "comment: c")]
    [InlineData("{type: create_remote_relationship, args: {table: t, name: r, hasura_fields: [a]}}; {type: update_remote_relationship, args: {table: t, name: r, hasura_fields: [b]}}", "- b")]
    [InlineData("{type: track_table, version: 2, args: {table: t}}; {type: set_table_custom_fields, version: 2, args: {table: t, custom_root_fields: {select: s}, custom_column_names: {}}}", "select: s")]
    [InlineData("{type: track_table, version: 2, args: {table: t}}; {type: set_table_customization, args: {table: t, configuration: {custom_name: n}}}", "custom_name: \"n\"")]
    [InlineData("{type: create_query_collection, args: {name: q, definition: {queries: []}}}; {type: add_query_to_collection, args: {collection_name: q, query_name: a, query: query}}", "query: query")]
    [InlineData("{type: create_query_collection, args: {name: q, definition: {queries: [{name: a, query: x}, {name: b, query: kept}]}}}; {type: drop_query_from_collection, args: {collection_name: q, query_name: a}}", "query: kept")]
    public void Changes_are_taken_into_what_they_change(string actions, string part)
    {
        using var project = Project(actions.Split("; "));

        var yaml = project.Plan(1).Migration.Text(MigrationStepKind.UpYaml)!;

        Assert.Single(StepAction.Read(yaml, "up.yaml"));
        Assert.Contains(part, yaml.Replace("'", "\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{type: track_table, args: t}; {type: track_table, args: t}", "table 'public.t' exists already")]
    [InlineData("{type: untrack_table, args: {table: t}}; {type: untrack_table, args: {table: t}}", "table 'public.t' was removed")]
    [InlineData("{type: untrack_table, args: {table: t}}; {type: create_insert_permission, args: {table: t, role: u}}", "table 'public.t' was removed")]
    [InlineData("{type: create_event_trigger, args: {name: e, table: t}}; {type: create_event_trigger, args: {name: e, table: t}}", "event trigger 'e' exists already")]
    [InlineData("{type: drop_query_collection, args: {collection: q}}; {type: add_query_to_collection, args: {collection_name: q, query_name: a}}", "query collection 'q' was removed")]
    [InlineData("{type: add_collection_to_allowlist, args: {collection: q}}; {type: drop_query_collection, args: {collection: q}}", "query collection 'q' is still in use")]
    [InlineData("{type: drop_action, args: {name: a}}; {type: update_action, args: {name: a}}", "action 'a' was removed")]
    public void What_cannot_succeed_behind_another_is_refused_with_file_and_line(string actions, string why)
    {
        using var project = Project(actions.Split("; "));

        var error = Assert.Throws<HasuraMigrationException>(() => project.Plan(1));

        Assert.Equal(("SquashActionsContradict", 2), (error.ErrorId, error.Line));
        Assert.EndsWith(Path.Combine("2_m", "up.yaml"), error.File);
        Assert.Contains(why, error.Message);
        Assert.Contains("up.yaml:2", error.Message);
    }

    [Fact]
    public void SQL_and_actions_keep_their_order()
    {
        using var project = new TestProject(1);
        project.Add(1, "CREATE TABLE t (i int)", "DROP TABLE t").Yaml(1, "up", Track).Yaml(1, "down", Untrack)
            .Add(2, "SET search_path = app; ALTER TABLE public.t RENAME i TO j", "ALTER TABLE t RENAME j TO i").Yaml(2, "up", "{type: create_select_permission, args: {table: t, role: u}}").Yaml(2, "down", "{type: drop_select_permission, args: {table: t, role: u}}")
            .Add(3, "CREATE TABLE v (i int)", "DROP TABLE v");

        var migration = project.Plan(1).Migration;

        Assert.Equal("CREATE TABLE t (i int);", Squashes.Bare(migration.Text(MigrationStepKind.UpSql)));
        Assert.Equal(["track_table", "run_sql", "run_sql", "create_select_permission", "run_sql"], Types(migration, MigrationStepKind.UpYaml));
        Assert.Contains("RESET search_path;", migration.Text(MigrationStepKind.UpYaml));
        Assert.Equal(["run_sql", "drop_select_permission", "run_sql", "untrack_table"], Types(migration, MigrationStepKind.DownYaml));
        Assert.Equal("DROP TABLE t;", Squashes.Bare(migration.Text(MigrationStepKind.DownSql)));
        Assert.Equal([1L, 2, 3], SquashManifest.Read(migration with { Steps = [.. migration.Steps.Where(s => s.Kind == MigrationStepKind.UpYaml)] })!.Versions.Select(v => v.Version));
    }

    [Fact]
    public void Each_file_starts_with_a_clean_session_also_within_a_migration()
    {
        using var project = new TestProject(1);
        project.Add(1, "SET search_path = app").Yaml(1, "up", Sql).Yaml(2, "up", Track);

        Assert.Equal("SET search_path = app;\nRESET search_path;\nSELECT 1;", Squashes.Bare(project.Plan(1).Migration.Text(MigrationStepKind.UpSql)));
    }

    [Fact]
    public void What_a_file_sets_holds_for_its_actions_and_not_for_the_next()
    {
        using var project = new TestProject(1);
        project.Yaml(1, "up", "{type: run_sql, args: {sql: SET search_path = app}}", Track, "{type: run_sql, args: {sql: CREATE TABLE a (i int)}}").Yaml(2, "up", Sql);

        var migration = project.Plan(1).Migration;

        Assert.Null(migration.Text(MigrationStepKind.UpSql));
        Assert.Equal(["SET search_path = app", "-", "CREATE TABLE a (i int)", "RESET search_path;\n", "SELECT 1"], StepAction.Read(migration.Text(MigrationStepKind.UpYaml)!, "x").Select(a => a.Sql.SingleOrDefault("-")));
    }

    [Fact]
    public void Missing_down_steps_are_named_beside_actions_too()
    {
        using var project = new TestProject(1);
        project.Yaml(1, "up", Track).Yaml(1, "down", Untrack).Yaml(2, "up", "{type: track_table, args: v}");

        Assert.StartsWith("# squashed by Merge-HasuraMigration\n# 2_m has no down step\n", project.Plan(1).Migration.Text(MigrationStepKind.DownYaml));
    }

    [Fact]
    public void Steps_of_which_nothing_is_left_do_nothing()
    {
        using var project = new TestProject(1);
        project.Yaml(1, "up", Track).Yaml(1, "down", Untrack).Yaml(2, "up", Untrack).Yaml(2, "down", Track);

        var migration = project.Plan(1, allowEmptyDown: false).Migration;

        Assert.Equal("SELECT 1;", Squashes.Bare(migration.Text(MigrationStepKind.UpSql)));
        Assert.Equal("SELECT 1;", Squashes.Bare(migration.Text(MigrationStepKind.DownSql)));
    }

    [Fact]
    public void Down_steps_that_cannot_succeed_are_kept_with_a_warning()
    {
        using var project = new TestProject(1);
        project.Yaml(1, "up", Track).Yaml(1, "down", Untrack).Yaml(2, "up", "{type: track_table, args: v}").Yaml(2, "down", Untrack);

        var plan = project.Plan(1);

        Assert.Equal(["untrack_table", "untrack_table"], Types(plan.Migration, MigrationStepKind.DownYaml));
        Assert.Equal(("DownFails", 1L), plan.Findings.Select(f => (f.Id, f.Version)).Single(f => f.Id == "DownFails"));
    }

    private static IEnumerable<string> Types(SourceMigration migration, MigrationStepKind kind) => StepAction.Read(migration.Text(kind)!, "x.yaml").Select(a => a.Type);

    // The first action in one migration, the others in the next; a line before each, so that lines tell something.
    private static TestProject Project(string[] actions)
    {
        var project = new TestProject(1);
        project.Yaml(1, "up", actions[0]);
        return project.Yaml(2, "up", actions.Length > 1 ? [.. actions[1..]] : [Sql]);
    }
}
