<#
.SYNOPSIS
Puts the program doctor into a folder of yours. It needs no administrator, asks nothing and changes nothing else.

.DESCRIPTION
For Windows PowerShell 5.1 and PowerShell 7. In a file:

    powershell -ExecutionPolicy Bypass -File install.ps1 -From https://example.org/doctor

or, where the published copy has its address in it:

    irm https://example.org/doctor/install.ps1 | iex

At that address lie the archives that install/release.sh makes and SHA256SUMS, which names them. An archive whose
SHA-256 sum is not the one in SHA256SUMS is refused. Both come from one place: the sum finds a broken or altered
download, it is no signature; use an https:// address.

Exit codes of the file: 0 done; 2 it could not be done and nothing was changed. With -Run, doctor's own exit code.

.PARAMETER From
Where the archives and SHA256SUMS are: https://..., file:///... or a folder (or set DOCTOR_INSTALL_FROM).
.PARAMETER To
The folder to install into, by default %LOCALAPPDATA%\Programs\doctor.
.PARAMETER Release
Which version, where the address has several.
.PARAMETER Build
Build from this checkout with cargo, instead of fetching.
.PARAMETER EditPath
Also put the folder on your PATH (the old value is kept in path-before-doctor.txt beside the program);
with -Uninstall, take it off again.
.PARAMETER Run
Afterwards run doctor.
.PARAMETER Uninstall
Remove doctor from the folder.
#>
[CmdletBinding()]
param(
    [string]$From = $env:DOCTOR_INSTALL_FROM,
    [string]$To = '',
    [string]$Release = '',
    [switch]$Build,
    [switch]$EditPath,
    [switch]$Run,
    [switch]$Uninstall
)

# Filled in by install/release.sh in the copy that is published.
$DefaultAddress = ''

# Everything is inside functions and the last line calls them, so that a script that was cut off does nothing.
function Install-Doctor {
    param([string]$From, [string]$To, [string]$Release, [bool]$Build, [bool]$EditPath, [bool]$Uninstall, [string]$ScriptFolder)
    Set-StrictMode -Version 2
    $ErrorActionPreference = 'Stop'
    # Windows PowerShell draws its progress bar so slowly that it takes longer than the download.
    $ProgressPreference = 'SilentlyContinue'

    if (-not $To) {
        if (-not $env:LOCALAPPDATA) { throw 'LOCALAPPDATA is not set. This script is for Windows; elsewhere use install.sh. Or say where with -To.' }
        $To = Join-Path $env:LOCALAPPDATA 'Programs\doctor'
    }
    $To = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($To).TrimEnd('\')
    if ($To.Contains(';')) { throw "A folder with a semicolon in its name cannot be on PATH: $To" }
    $program = Join-Path $To 'doctor.exe'

    if ($Uninstall) {
        Uninstall-Doctor $To $program $EditPath
        return
    }
    if ((Test-Path -LiteralPath $program -PathType Container) -or ((Test-Path -LiteralPath $program) -and -not (Test-Doctor $program))) {
        throw "$program is something else than this program. Choose another folder with -To."
    }

    $work = Join-Path ([IO.Path]::GetTempPath()) ('doctor-install-' + [Guid]::NewGuid().ToString('N'))
    [void](New-Item -ItemType Directory -Path $work)
    try {
        $checkout = Find-Checkout $ScriptFolder
        if (-not $Build -and -not $From) {
            if (-not $checkout -or -not (Get-Command cargo -ErrorAction SilentlyContinue)) {
                throw 'Where should doctor come from? Say so with -From ADDRESS, or set DOCTOR_INSTALL_FROM. In a checkout with Rust installed, -Build builds it.'
            }
            $Build = $true
        }
        if ($Build) { $new = Build-Doctor $checkout $work } else { $new = Get-Doctor $From $Release $work }
        Set-Doctor $new $To $program
    } finally {
        Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue
    }
    Show-Path $To $EditPath
}

# Whether the file is this program, in whatever version, without running it.
function Test-Doctor([string]$File) {
    $text = [Text.Encoding]::ASCII.GetString([IO.File]::ReadAllBytes($File))
    return $text.Contains('knowledge of ')
}

function Find-Checkout([string]$ScriptFolder) {
    $folders = @((Get-Location).ProviderPath)
    if ($ScriptFolder) { $folders = @((Split-Path -Parent $ScriptFolder)) + $folders }
    foreach ($folder in $folders) {
        $manifest = Join-Path $folder 'Cargo.toml'
        if ((Test-Path -LiteralPath (Join-Path $folder 'install\install.ps1')) -and (Test-Path -LiteralPath $manifest) -and
            (Select-String -LiteralPath $manifest -Pattern '^name = "doctor"' -Quiet)) { return $folder }
    }
    return ''
}

function Build-Doctor([string]$Checkout, [string]$Work) {
    if (-not $Checkout) { throw 'There is no checkout of doctor here to build from.' }
    Write-Host "Building doctor in $Checkout; the first time takes some minutes."
    # What cargo writes to standard error is no error of this script.
    $ErrorActionPreference = 'Continue'
    & cargo install --quiet --locked --no-track --path $Checkout --root (Join-Path $Work 'built') | Out-Host
    if ($LASTEXITCODE -ne 0) { throw 'cargo could not build doctor; its words are above. Nothing was installed.' }
    return (Join-Path $Work 'built\bin\doctor.exe')
}

# What runs here, the best first.
function Get-Targets {
    $cpu = $env:PROCESSOR_ARCHITECTURE
    # A 32-bit PowerShell on a 64-bit Windows is told its own architecture.
    if ($env:PROCESSOR_ARCHITEW6432) { $cpu = $env:PROCESSOR_ARCHITEW6432 }
    switch ($cpu) {
        'AMD64' { return @('x86_64-pc-windows-msvc', 'x86_64-pc-windows-gnu') }
        # Windows 11 on ARM runs x86_64 programs too.
        'ARM64' { return @('aarch64-pc-windows-msvc', 'x86_64-pc-windows-msvc', 'x86_64-pc-windows-gnu') }
        default { throw "There is no doctor for this processor ($cpu). It runs on x86_64 and arm64." }
    }
}

function Get-Doctor([string]$From, [string]$Release, [string]$Work) {
    $targets = @(Get-Targets)
    $From = $From.TrimEnd('/', '\')
    $sums = Join-Path $Work 'SHA256SUMS'
    Copy-From $From 'SHA256SUMS' $sums

    $archive = ''
    $sum = ''
    foreach ($target in $targets) {
        foreach ($line in [IO.File]::ReadAllLines($sums)) {
            if ($line -notmatch '^(\S+) [ *](doctor-([^/\\]+)-([^/\\-]+-pc-windows-[a-z]+)\.zip)$') { continue }
            if ($Matches[4] -ne $target -or ($Release -and $Matches[3] -ne $Release)) { continue }
            if ($archive -and $archive -ne $Matches[2]) { throw "There are several versions at ${From}: $archive and $($Matches[2]). Say which with -Release." }
            $archive = $Matches[2]
            $sum = $Matches[1]
        }
        if ($archive) { break }
    }
    if (-not $archive) {
        throw "At $From there is no doctor $Release for this system ($($targets -join ', ')); SHA256SUMS there names none. If this network wants you to log in first, open any page in a browser, then try again."
    }
    if ($sum -notmatch '^[0-9a-fA-F]{64}$') { throw "SHA256SUMS at $From has no valid sum for $archive. Nothing was installed." }

    Write-Host "Fetching $archive from $From"
    $file = Join-Path $Work $archive
    Copy-From $From $archive $file
    $is = (Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash
    if ($is -ne $sum) {
        throw "$archive is not what was published: its SHA-256 sum is wrong (expected $sum, found $is). Nothing was installed. The download broke off or was altered on its way: try again, perhaps on another network."
    }
    Expand-Archive -LiteralPath $file -DestinationPath (Join-Path $Work 'unpacked')
    $new = Join-Path $Work ('unpacked\' + $archive.Substring(0, $archive.Length - 4) + '\doctor.exe')
    if (-not (Test-Path -LiteralPath $new)) { throw "There is no doctor.exe in $archive. Nothing was installed." }
    return $new
}

function Copy-From([string]$From, [string]$Name, [string]$File) {
    if ($From -match '^file://') { $From = ([Uri]$From).LocalPath }
    if ($From -match '^https?://') {
        # Windows PowerShell asks for no newer TLS by itself.
        [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
        $more = @{}
        # Windows PowerShell knows the system's proxy only, not the variables.
        $proxy = if ($From -match '^https') { $env:HTTPS_PROXY } else { $env:HTTP_PROXY }
        if (-not $proxy) { $proxy = $env:ALL_PROXY }
        if ($proxy -and ([Uri]$From).Host -notin @("$env:NO_PROXY" -split ',' | ForEach-Object { $_.Trim() })) {
            if ($proxy -notmatch '://') { $proxy = "http://$proxy" }
            $more['Proxy'] = $proxy
        }
        try {
            Invoke-WebRequest -UseBasicParsing -Uri "$From/$Name" -OutFile $File -TimeoutSec 300 @more
        } catch {
            throw "$Name could not be fetched from ${From}: $($_.Exception.Message) Nothing was installed. Look at the address and the network, then try again."
        }
    } elseif ($From -match '^[A-Za-z][A-Za-z0-9+.-]+://') {
        throw "I cannot fetch from $From. Use an address that begins with https:// or file://, or a folder."
    } else {
        $source = Join-Path $From $Name
        if (-not (Test-Path -LiteralPath $source -PathType Leaf)) { throw "There is no $Name in the folder $From. Nothing was installed." }
        Copy-Item -LiteralPath $source -Destination $File
    }
}

# Copied beside its place, tried there, then renamed: at no time is there half a program, and the old one stays until
# the new one has run.
function Set-Doctor([string]$New, [string]$To, [string]$Program) {
    $made = -not (Test-Path -LiteralPath $To)
    if ($made) { [void](New-Item -ItemType Directory -Path $To) }
    $beside = Join-Path $To ('doctor-' + [Guid]::NewGuid().ToString('N') + '.exe')
    $old = "$beside.old"
    $done = $false
    try {
        Copy-Item -LiteralPath $New -Destination $beside
        $version = & $beside --version
        if ($LASTEXITCODE -ne 0) { throw 'The fetched program does not start on this system. Nothing was installed.' }
        # A program that runs can be renamed, but neither overwritten nor removed.
        if (Test-Path -LiteralPath $Program) { Move-Item -LiteralPath $Program -Destination $old }
        try {
            Move-Item -LiteralPath $beside -Destination $Program
        } catch {
            if (Test-Path -LiteralPath $old) { Move-Item -LiteralPath $old -Destination $Program }
            throw
        }
        $done = $true
        Write-Host "Installed ${Program}: $version"
    } finally {
        Remove-Item -LiteralPath $beside -Force -ErrorAction SilentlyContinue
        # Also those that were still running when an earlier run wanted to remove them.
        Remove-Item -Path (Join-Path ([Management.Automation.WildcardPattern]::Escape($To)) 'doctor-*.exe.old') -Force -ErrorAction SilentlyContinue
        if ($made -and -not $done) { Remove-Item -LiteralPath $To -Force -ErrorAction SilentlyContinue }
    }
}

function Uninstall-Doctor([string]$To, [string]$Program, [bool]$EditPath) {
    if (-not (Test-Path -LiteralPath $Program)) {
        Write-Host "There is no doctor in $To."
    } elseif (-not (Test-Doctor $Program)) {
        throw "$Program is something else than this program; it was left alone."
    } else {
        Remove-Item -LiteralPath $Program -Force
        Write-Host "Removed $Program."
    }
    $parts = @(Get-UserPath)
    if ($parts -contains $To) {
        if ($EditPath) {
            Set-UserPath @($parts | Where-Object { $_ -ne $To })
            Write-Host 'Took its folder off your PATH.'
        } else {
            Write-Host "$To is still on your PATH; -Uninstall -EditPath takes that out too."
        }
    }
}

# The user's PATH as it is written, with %NAMES% in it: what [Environment] gives and sets has them replaced for ever.
function Get-UserPath {
    $key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Environment')
    if (-not $key) { return @() }
    try {
        $value = $key.GetValue('Path', '', [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
    } finally { $key.Close() }
    return @($value -split ';' | Where-Object { $_ })
}

function Set-UserPath([string[]]$Parts) {
    $key = [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey('Environment')
    try {
        $key.SetValue('Path', ($Parts -join ';'), [Microsoft.Win32.RegistryValueKind]::ExpandString)
    } finally { $key.Close() }
    # Setting any variable this way tells the desktop that the environment changed; this one does not exist.
    [Environment]::SetEnvironmentVariable('DOCTOR_INSTALL_NOTHING', $null, 'User')
}

function Show-Path([string]$To, [bool]$EditPath) {
    $now = '    $env:Path = ' + "'" + $To.Replace("'", "''") + ";' + `$env:Path"
    if (@($env:Path -split ';' | ForEach-Object { $_.TrimEnd('\') }) -contains $To) {
        Write-Host "$To is on your PATH: type doctor."
    } elseif ($EditPath) {
        $parts = @(Get-UserPath)
        if ($parts -notcontains $To) {
            $backup = Join-Path $To 'path-before-doctor.txt'
            if (-not (Test-Path -LiteralPath $backup)) { [IO.File]::WriteAllText($backup, ($parts -join ';')) }
            Set-UserPath (@($To) + $parts)
        }
        Write-Host "Put $To on your PATH. Open a new terminal, or for this one paste"
        Write-Host $now
    } else {
        Write-Host "$To is not on your PATH, so typing doctor would not find it yet. For this terminal paste"
        Write-Host $now
        Write-Host 'and for all new ones run this again with -EditPath, or add the folder under Settings, "Edit environment variables for your account".'
    }
}

function Start-Installation {
    param([string]$From, [string]$To, [string]$Release, [bool]$Build, [bool]$EditPath, [bool]$Run, [bool]$Uninstall, [string]$ScriptFolder)
    $code = 0
    try {
        Install-Doctor -From $From -To $To -Release $Release -Build $Build -EditPath $EditPath -Uninstall $Uninstall -ScriptFolder $ScriptFolder
        if ($Run -and -not $Uninstall) {
            if (-not $To) { $To = Join-Path $env:LOCALAPPDATA 'Programs\doctor' }
            & (Join-Path $To 'doctor.exe') | Out-Host
            $code = $LASTEXITCODE
        }
    } catch {
        [Console]::Error.WriteLine("install.ps1: $($_.Exception.Message)")
        $code = 2
    }
    # From `irm ... | iex` there is no file, and `exit` would close the learner's window.
    if ($ScriptFolder) { exit $code }
}

if (-not $From) { $From = $DefaultAddress }
Start-Installation -From $From -To $To -Release $Release -Build $Build -EditPath $EditPath -Run $Run -Uninstall $Uninstall -ScriptFolder $PSScriptRoot
