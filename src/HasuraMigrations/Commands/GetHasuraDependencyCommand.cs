using System.Management.Automation;
using HasuraMigrations.Abstractions;
using HasuraMigrations.Completion;
using HasuraMigrations.Engine.Metadata.Files;

namespace HasuraMigrations.Commands;

/// <summary>Shows what depends on an object of the database or the metadata, or what it depends on.</summary>
/// <remarks>
/// <para>
/// One graph has the objects of the databases (schemas, tables, views with the columns they read, columns, types, constraints,
/// functions, triggers, policies) and of the metadata (relationships, permissions with their columns, filters, checks and presets,
/// computed fields, event triggers, functions, remote relationships, actions, stored queries, native queries, REST endpoints, roles). A tracked table and
/// the table in the database are one object.
/// </para>
/// <para>
/// Each dependency that was found is written, with the file and line of the reference if it is in the files of the project. -Recurse
/// follows the dependencies of what was found, too.
/// </para>
/// </remarks>
/// <input cref="string">Names of objects.</input>
/// <output cref="HasuraDependency">One for each dependency; none if nothing depends on the object.</output>
/// <notes>
/// PostgreSQL does not record what the body of a function uses if it is text, as in PL/pgSQL; such dependencies are not shown. Of a native query,
/// the database reports the tables; the columns and functions are those whose names are in its SQL.
/// </notes>
/// <seealso cref="TestHasuraMetadataCommand"/>
/// <seealso href="about_HasuraMigrations_Metadata"/>
[Cmdlet(VerbsCommon.Get, "HasuraDependency", HelpUri = HelpPages.Base + "Get-HasuraDependency.md")]
[OutputType(typeof(HasuraDependency))]
public sealed class GetHasuraDependencyCommand : HasuraModelCmdlet
{
    private readonly List<string> _names = [];

    /// <summary>
    /// Name of an object, such as public.users.email. A schema, a table or another object of the database has its name with dots, and so has a
    /// relationship or computed field, in place of a column. A permission is public.users/select/user, a stored query collection/query; actions,
    /// REST endpoints and roles have their names. The schema public can be left out.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "Name of an object, such as public.users.email.")]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Kind of the object, if several have the name.</summary>
    [Parameter]
    public DependencyObjectKind? Kind { get; set; }

    /// <summary>Name of the database of the object, if several have an object of the name.</summary>
    [Parameter]
    [Alias("DatabaseName")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public string? Database { get; set; }

    /// <summary>Dependents shows what depends on the object; this is the default. Dependencies shows what the object depends on.</summary>
    [Parameter]
    public DependencyDirection Direction { get; set; } = DependencyDirection.Dependents;

    /// <summary>Follows dependencies over any number of objects. Each object is written once, the nearest first.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    private protected override void OnRecord() => _names.AddRange(Name);

    private protected override void OnEnd()
    {
        var project = OpenProject();
        var document = DocumentOf(new MetadataInput(MetadataFiles.Read(project)));
        var source = Database is null ? null : DatabaseSelection.Select(project, [Database], isAllByDefault: false)[0].Name;
        WithModel(project, document, withLinks: true, async (model, _) =>
        {
            var found = model.FindDependencies(_names, Kind, Direction, Recurse, source);
            await OnPipelineAsync(() =>
            {
                Report(model.Findings().Where(f => f.Id == "SourceNotChecked"));
                WriteObject(found, enumerateCollection: true);
            }).ConfigureAwait(false);
        });
    }
}
