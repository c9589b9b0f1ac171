# Puts a canary secret in every form of connection string and of server secret, by every way in, provokes every error, and looks for
# the canary in all streams, errors, objects, the transcript, the history and the process list.
# Usage: pwsh -NoProfile -File tests/canary/Search-Canary.ps1 [-Module out/HasuraMigrations] [-Quick]
[CmdletBinding()]
param(
    [string] $Module = "$PSScriptRoot/../../out/HasuraMigrations",
    [switch] $Quick
)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
Import-Module $Module
$canary = 'Sw0rdf1sh'
# Percent-encoded forms keep this part of it.
$mark = 'w0rdf1sh'
$root = Join-Path ([System.IO.Path]::GetTempPath()) "hasura-canary-$([guid]::NewGuid().ToString('N'))"
$null = New-Item -ItemType Directory $root
$hits = [System.Collections.Generic.List[string]]::new()
$script:tried = 0
$script:silent = 0

# {0} is host, {1} is port.
$forms = [ordered]@{
    url                 = 'postgres://u:Sw0rdf1sh@{0}:{1}/d'
    'url postgresql'    = 'postgresql://u:Sw0rdf1sh@{0}:{1}/d'
    'url upper case'    = 'POSTGRES://u:Sw0rdf1sh@{0}:{1}/d'
    'url no TLS'        = 'postgres://u:Sw0rdf1sh@{0}:{1}/d?sslmode=disable'
    'url TLS'           = 'postgres://u:Sw0rdf1sh@{0}:{1}/d?sslmode=require'
    'url query user'    = 'postgres://{0}:{1}/d?user=u&password=Sw0rdf1sh'
    'url query'         = 'postgres://u@{0}:{1}/d?password=Sw0rdf1sh'
    'url query host'    = 'postgres:///d?host={0}&port={1}&user=u&password=Sw0rdf1sh'
    'url percent'       = 'postgres://u:%53w0rdf1sh@{0}:{1}/d'
    'url percent signs' = 'postgres://u:%40%2Fw0rdf1sh%3A%25@{0}:{1}/d'
    'url raw signs'     = 'postgres://u:a#w0rdf1sh@{0}:{1}/d'
    'url raw at'        = 'postgres://u:a@w0rdf1sh@{0}:{1}/d'
    'url bad percent'   = 'postgres://u:%zzw0rdf1sh@{0}:{1}/d'
    'url hosts'         = 'postgres://u:Sw0rdf1sh@{0}:{1},{0}:{1}/d'
    'url no user'       = 'postgres://:Sw0rdf1sh@{0}:{1}/d'
    'url user only'     = 'postgres://Sw0rdf1sh:x@[{0}:{1}/d'
    'url TLS password'  = 'postgres://u@{0}:{1}/d?sslpassword=Sw0rdf1sh&password=Sw0rdf1sh'
    'url bad mode'      = 'postgres://u:Sw0rdf1sh@{0}:{1}/d?sslmode=bogus'
    'url bad port'      = 'postgres://u:Sw0rdf1sh@{0}:nope/d'
    'url secret port'   = 'postgres://u:p@{0}/d?port=Sw0rdf1sh'
    'url broken'        = 'postgres://u:Sw0rdf1sh@[broken/d'
    'url options'       = 'postgres://u:Sw0rdf1sh@{0}:{1}/d?options=-c%20a.b%3DSw0rdf1sh'
    'no scheme'         = 'u:Sw0rdf1sh@{0}:{1}/d'
    'jdbc'              = 'jdbc:postgresql://{0}:{1}/d?user=u&password=Sw0rdf1sh'
    'other scheme'      = 'mysql://u:Sw0rdf1sh@{0}:{1}/d'
    keyword             = 'host={0} port={1} user=u password=Sw0rdf1sh dbname=d'
    'keyword quoted'    = "host={0} port={1} user=u password='Sw0rdf1sh with blank' dbname=d"
    'keyword escaped'   = "host={0} port={1} user=u password=Sw0rdf1sh\'x dbname=d"
    'keyword blanks'    = 'host = {0} port = {1} user = u password = Sw0rdf1sh dbname = d'
    'keyword lines'     = "host={0}`nport={1}`nuser=u`npassword=Sw0rdf1sh`ndbname=d"
    'keyword hosts'     = 'host={0},{0} port={1},{1} user=u password=Sw0rdf1sh dbname=d'
    'keyword TLS'       = 'host={0} port={1} user=u password=Sw0rdf1sh sslmode=require sslpassword=Sw0rdf1sh dbname=d'
    'keyword unknown'   = 'host={0} password=Sw0rdf1sh unknown_key=Sw0rdf1sh'
    'keyword open'      = "host='{0} password=Sw0rdf1sh"
    'keyword only'      = 'password=Sw0rdf1sh'
    npgsql              = 'Host={0};Port={1};Username=u;Password=Sw0rdf1sh;Database=d'
    'npgsql old'        = 'Server={0};Port={1};User Id=u;Pwd=Sw0rdf1sh;Database=d'
    'npgsql lower'      = 'host={0};port={1};username=u;password=Sw0rdf1sh;database=d'
    'npgsql quoted'     = 'Host={0};Port={1};Username=u;Password="a;Sw0rdf1sh";Database=d'
    'npgsql single'     = "Host={0};Port={1};Username=u;Password='a;Sw0rdf1sh';Database=d"
    'npgsql TLS'        = 'Host={0};Port={1};Username=u;Password=Sw0rdf1sh;Database=d;SSL Mode=Require;SSL Password=Sw0rdf1sh'
    'npgsql open'       = 'Host={0};Password="Sw0rdf1sh'
    'npgsql mistyped'   = 'Host={0};Port={1};Username=u;Passwort=Sw0rdf1sh'
    'npgsql key'        = 'Hozt=Sw0rdf1sh'
    'npgsql port'       = 'Host={0};Port=Sw0rdf1sh'
    'npgsql options'    = 'Host={0};Port={1};Username=u;Password=Sw0rdf1sh;Options=-c a.b=Sw0rdf1sh'
}

function Look {
    param([string] $What, [scriptblock] $Script)
    $script:tried++
    $global:Error.Clear()
    $caught = $null
    $all = try { & $Script *>&1 } catch { $caught = $_ }
    $things = @($all) + @($caught) + @($global:Error) | Where-Object { $null -ne $_ }
    if (-not ($things | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })) { $script:silent++ }
    $text = [System.Text.StringBuilder]::new()
    foreach ($thing in $things) {
        $null = $text.AppendLine("$thing").AppendLine(($thing | Out-String -Width 4000))
        $null = $text.AppendLine(($thing | Format-List * -Force | Out-String -Width 4000))
        try { $null = $text.AppendLine(($thing | ConvertTo-Json -WarningAction SilentlyContinue)) } catch { $null = $text.AppendLine("$_") }
        $exception = $thing -is [System.Management.Automation.ErrorRecord] ? $thing.Exception : $null
        while ($exception) {
            $null = $text.AppendLine("$exception").AppendLine(($exception | Format-List * -Force | Out-String -Width 4000)).AppendLine(($exception.Data | Out-String))
            $exception = $exception.InnerException
        }
        if ($thing -is [System.Management.Automation.ErrorRecord]) {
            $null = $text.AppendLine("$($thing.TargetObject)").AppendLine(($thing.TargetObject | Format-List * -Force | Out-String)).AppendLine("$($thing.ErrorDetails)")
        }
    }
    $found = $text.ToString()
    if ($found.Contains($mark)) {
        $at = $found.IndexOf($mark)
        $from = [Math]::Max(0, $at - 160)
        $hits.Add("${What}: ...$($found.Substring($from, [Math]::Min(220, $found.Length - $from)))...")
        [Console]::Error.WriteLine($hits[-1])
    }
}

function New-Project {
    param([hashtable] $Files)
    $path = Join-Path $root ([guid]::NewGuid().ToString('N'))
    $null = New-Item -ItemType Directory $path
    foreach ($file in @{ 'config.yaml' = "version: 3`n" }, $Files) {
        foreach ($name in $file.Keys) {
            $full = Join-Path $path $name
            $null = New-Item -ItemType Directory (Split-Path $full) -Force
            [System.IO.File]::WriteAllText($full, $file[$name])
        }
    }
    $path
}

function Protect { param([string] $Text) ConvertTo-SecureString $Text -AsPlainText -Force }

function With {
    param([hashtable] $Variables, [scriptblock] $Script)
    $before = @{}
    foreach ($name in $Variables.Keys) { $before[$name] = [Environment]::GetEnvironmentVariable($name); [Environment]::SetEnvironmentVariable($name, $Variables[$name]) }
    try { & $Script } finally { foreach ($name in $before.Keys) { [Environment]::SetEnvironmentVariable($name, $before[$name]) } }
}

# Servers that are not what is looked for; the last tells everything it got.
Add-Type -TypeDefinition @'
using System; using System.IO; using System.Net; using System.Text; using System.Threading.Tasks;
public static class CanaryServer
{
    public static HttpListener Start(int port, int status, bool echoes)
    {
        var listener = new HttpListener(); listener.Prefixes.Add($"http://127.0.0.1:{port}/"); listener.Start();
        _ = Task.Run(async () => { while (listener.IsListening) { try {
            var c = await listener.GetContextAsync(); var said = new StringBuilder();
            foreach (string k in c.Request.Headers) said.Append(k).Append(": ").Append(c.Request.Headers[k]).Append(' ');
            using (var r = new StreamReader(c.Request.InputStream)) said.Append(r.ReadToEnd());
            var e = System.Text.Json.JsonSerializer.Serialize(said.ToString());
            var body = echoes ? $"{{\"error\":{e},\"path\":{e},\"code\":{e},\"internal\":{{\"a\":{e}}}}}" : status == 200 ? "<html>hello</html>" : "{\"error\":\"no\",\"path\":\"$\",\"code\":\"access-denied\"}";
            c.Response.StatusCode = status; c.Response.ContentType = echoes || status != 200 ? "application/json" : "text/html";
            var b = Encoding.UTF8.GetBytes(body); c.Response.OutputStream.Write(b, 0, b.Length); c.Response.Close(); }
            // The listener is stopped at the end of the search, and a client may give an answer up.
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException) { if (!listener.IsListening) { return; } } } });
        return listener;
    }
    public static int Free() { var l = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0); l.Start(); var p = ((IPEndPoint)l.LocalEndpoint).Port; l.Stop(); return p; }
}
'@
$webs = foreach ($kind in @(200, $false), @(401, $false), @(500, $true), @(400, $true)) { $port = [CanaryServer]::Free(); @{ Port = $port; Name = "$($kind[0])$($kind[1] ? ' echo' : '')"; Listener = [CanaryServer]::Start($port, $kind[0], $kind[1]) } }
$transcript = Join-Path $root 'transcript.txt'
$sandbox = Start-HasuraSandbox
try {
    $null = Start-Transcript $transcript
    $places = @(
        @{ Name = 'unreachable'; Host = '127.0.0.1'; Port = 1 }
        @{ Name = 'wrong password'; Host = $sandbox.Host; Port = $sandbox.Port }
        @{ Name = 'no such name'; Host = 'nowhere.invalid'; Port = 5432 }
        @{ Name = 'no PostgreSQL'; Host = '127.0.0.1'; Port = $webs[0].Port }
    )
    if ($Quick) { $places = $places[0..0] }
    $plain = New-Project @{}
    foreach ($place in $places) {
        foreach ($form in $forms.Keys) {
            $text = $forms[$form] -f $place.Host, $place.Port
            $at = "$form, $($place.Name)"
            $safe = $text -replace "'", "''"
            Look "$at, -ConnectionString" { Get-HasuraMigration -Project $plain -ConnectionString $text -Verbose -Debug }
            Look "$at, -Connection" { Get-HasuraMigration -Project $plain -Connection $text }
            Look "$at, SecureString" { Invoke-HasuraMigration -Project $plain -ConnectionString (Protect $text) -Verbose -Debug }
            Look "$at, hashtable" { Get-HasuraMigration -Project $plain -ConnectionString @{ default = $text } }
            Look "$at, hashtable of SecureString" { Get-HasuraMigration -Project $plain -ConnectionString @{ default = (Protect $text) } }
            Look "$at, key of a hashtable" { Get-HasuraMigration -Project $plain -ConnectionString @{ $text = 'x' } }
            Look "$at, -MetadataConnectionString" { Get-HasuraMigration -Project $plain -Connection $sandbox -MetadataConnectionString $text }
            Look "$at, -Database" { Get-HasuraMigration -Project $plain -Connection $sandbox -Database $text }
            # A directory may be named so; its name has to be shown.
            if ($form -ne 'npgsql key') { Look "$at, -Project" { Get-HasuraMigration -Project $text } }
            Look "$at, environment" { With @{ HASURA_GRAPHQL_DATABASE_URL = $text } { Get-HasuraProject -Project $plain; Export-HasuraMetadata -Project $plain -AsObject; Get-HasuraMigration -Project $plain -Verbose } }
            $env1 = New-Project @{ '.env' = "HASURA_GRAPHQL_DATABASE_URL='$($text -replace "'", '"' -replace "`n", ' ')'`n" }
            Look "$at, .env" { Get-HasuraProject -Project $env1; Get-HasuraMigration -Project $env1 -Verbose }
            $yaml = New-Project @{ 'metadata/version.yaml' = "version: 3`n"; 'metadata/databases/databases.yaml' = "- name: default`n  kind: postgres`n  configuration:`n    connection_info:`n      database_url: '$($safe -replace "`n", ' ')'`n  tables: []`n" }
            Look "$at, databases.yaml" { Get-HasuraProject -Project $yaml; Test-HasuraMetadata -Project $yaml -Detailed; Get-HasuraMigration -Project $yaml; Compare-HasuraMetadata -ReferenceObject $yaml -DifferenceObject $plain }
            $config = New-Project @{ 'config.yaml' = "version: 3`nendpoint: '$safe'`nadmin_secret: $canary`n" }
            Look "$at, config.yaml" { Get-HasuraProject -Project $config; Get-HasuraMigration -Project $config }
            Look "$at, -Endpoint" { Get-HasuraMigration -Project $plain -Endpoint $text }
        }
    }

    $ends = @($webs | ForEach-Object { @{ Name = $_.Name; Url = "http://127.0.0.1:$($_.Port)" } }) + @(
        @{ Name = 'unreachable'; Url = 'http://127.0.0.1:1' }
        @{ Name = 'TLS refused'; Url = "https://127.0.0.1:$($webs[0].Port)" }
        @{ Name = 'PostgreSQL'; Url = "http://$($sandbox.Host):$($sandbox.Port)" }
    )
    foreach ($end in $ends) {
        $url = $end.Url
        $named = $url -replace '://', "://u:$canary@"
        $commands = @{
            'Get-HasuraMigration'    = { param($p) Get-HasuraMigration -Project $plain @p -Verbose -Debug }
            'Invoke-HasuraMigration' = { param($p) Invoke-HasuraMigration -Project $plain @p -Verbose }
            'Export-HasuraMetadata'  = { param($p) Export-HasuraMetadata -Project $plain @p -AsObject }
            'Test-HasuraServer'      = { param($p) Test-HasuraServer @p -Detailed }
            'Invoke-HasuraMetadataApi' = { param($p) Invoke-HasuraMetadataApi -Type export_metadata @p }
        }
        foreach ($command in $commands.Keys) {
            $do = $commands[$command]
            Look "-AdminSecret, $($end.Name), $command" { & $do @{ Endpoint = $url; AdminSecret = (Protect $canary) } }
            Look "environment, $($end.Name), $command" { With @{ HASURA_GRAPHQL_ADMIN_SECRET = $canary } { & $do @{ Endpoint = $url } } }
            Look "user info, $($end.Name), $command" { & $do @{ Endpoint = $named } }
            Look "query, $($end.Name), $command" { & $do @{ Endpoint = "$url/?secret=$canary" } }
            foreach ($header in 'X-Token', 'Cookie', 'Authorization', 'X-Hasura-Admin-Secret', 'X-Anything') {
                Look "header $header, $($end.Name), $command" { & $do @{ Endpoint = $url; Headers = @{ $header = "a=$canary" } } }
            }
            Look "bad header, $($end.Name), $command" { & $do @{ Endpoint = $url; Headers = @{ "X $canary" = "$canary`n" } } }
        }
        foreach ($file in @{ '.env' = "HASURA_GRAPHQL_ENDPOINT=$url`nHASURA_GRAPHQL_ADMIN_SECRET=$canary`n" }, @{ 'config.yaml' = "version: 3`nendpoint: $url`nadmin_secret: $canary`n" }, @{ 'config.yaml' = "version: 3`nendpoint: $named`n" }, @{ '.env' = "HASURA_GRAPHQL_ENDPOINT=$named`n" }) {
            $from = New-Project $file
            Look "$($file.Keys), $($end.Name)" { Get-HasuraProject -Project $from; Get-HasuraMigration -Project $from; Get-HasuraMigration -Project $from -Connection $sandbox }
        }
        Look "Connect, $($end.Name)" { Connect-HasuraServer $url -AdminSecret (Protect $canary) -Headers @{ Cookie = $canary }; Get-HasuraConnection; Disconnect-HasuraServer }
        Look "Connect user info, $($end.Name)" { Connect-HasuraServer $named; Get-HasuraConnection; Disconnect-HasuraServer }
    }
    $meta = New-Project @{ 'metadata/version.yaml' = "version: 3`n"; 'metadata/databases/databases.yaml' = "[]`n"; 'metadata/remote_schemas.yaml' = "- name: r`n  definition:`n    url: http://u:$canary@x/?token=$canary`n    headers: [{name: X-Token, value: $canary}, {name: Cookie, value: $canary}, {name: Authorization, value: $canary}]`n" }
    Look 'metadata with secrets' { Test-HasuraMetadata -Project $meta -Detailed; Compare-HasuraMetadata -ReferenceObject $plain -DifferenceObject $meta; Import-HasuraMetadata -Project $meta -Connection $sandbox -CreateStateStore -Verbose }
}
finally {
    $null = Stop-Transcript
    $lines = Get-ChildItem /proc/[0-9]*/cmdline -ErrorAction Ignore | ForEach-Object { try { [System.IO.File]::ReadAllText($_.FullName) } catch { '' } }
    $sandbox | Stop-HasuraSandbox
    $webs | ForEach-Object { $_.Listener.Stop() }
}
if ((Get-Content $transcript -Raw).Contains($mark)) { $hits.Add('transcript') }
if (Get-History | Where-Object { $_.CommandLine.Contains($mark) }) { $hits.Add('history') }
if ($lines -join "`n" | Where-Object { $_.Contains($mark) }) { $hits.Add('process list') }
Remove-Item $root -Recurse -Force
"$($forms.Count) forms of connection strings; $script:tried tries, $script:silent of them without an error; $($hits.Count) hits"
$hits
exit [int]($hits.Count -gt 0)
