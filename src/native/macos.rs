//! Probes of Apple's Command Line Tools and of Homebrew.

use super::{Ask, Native, program, shell};
use crate::{
    host::{Command, Host, parent},
    model::{
        Observation, Os, Pattern, Seen, Source,
        seen::{End, PathKind},
    },
};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] =
    &[("command-line-tools", command_line_tools), ("homebrew", homebrew), ("homebrew-version", homebrew_version)];

/// Where the Command Line Tools are without Xcode.
const TOOLS: &str = "/Library/Developer/CommandLineTools";

/// What `xcode-select -p` says, which never opens a dialog and never looks at the folder it names. Facts: `folder`,
/// `there` (the folder exists), `tools` (it has a git), `app` (it is Xcode's), `fallback` (the Command Line Tools are
/// there although something else is selected), `remote` (no screen for a dialog). Where Xcode is selected, its git is
/// run, which fails with 69 while the licence is not accepted.
fn command_line_tools(ask: Ask<'_>) -> Observation {
    let argv = ["/usr/bin/xcode-select", "-p"].map(str::to_owned);
    let mut seen = Observation::default();
    seen.evidence.argv = argv.to_vec();
    program::record(ask.host.run(&Command::new(argv).timeout(ask.timeout)), &mut seen);
    let word = |yes: bool| if yes { "yes" } else { "no" };
    let has_git = |folder: &str| ask.host.stat(&format!("{folder}/usr/bin/git")).kind == PathKind::File;
    let mut facts = vec![
        ("fallback", word(has_git(TOOLS)).to_owned()),
        ("remote", word(ask.host.env("SSH_CONNECTION").is_some()).to_owned()),
    ];
    if let Seen::Exited { code: 0, stdout, .. } = &seen.seen {
        let folder = stdout.lines().map(str::trim).find(|line| line.starts_with('/')).unwrap_or_default().to_owned();
        let tools = !folder.is_empty() && has_git(&folder);
        let there = tools || !folder.is_empty() && ask.host.stat(&folder).kind == PathKind::Dir;
        let app = folder.contains(".app/");
        facts.extend([
            ("there", word(there).to_owned()),
            ("tools", word(tools).to_owned()),
            ("app", word(app).to_owned()),
        ]);
        facts.push(("folder", folder));
        if app && tools && !ask.host.which("/usr/bin/git").is_empty() {
            let ran = ask.host.run(&Command::new(["/usr/bin/git", "--version"]).timeout(ask.timeout));
            let refused = ran.end == End::Exited(69);
            facts.push(("licence", if refused { "refused" } else { "accepted" }.to_owned()));
            seen.evidence.ms += ran.ms;
        }
    }
    seen.facts.extend(facts.into_iter().map(|(name, value)| (name.to_owned(), value)));
    seen
}

/// A Homebrew: its prefix and the line of processors it belongs to.
struct Brew {
    path: String,
    kind: &'static str,
}

/// The places where Homebrew's own installer puts it.
fn places(os: Os) -> &'static [(&'static str, &'static str)] {
    match os {
        Os::Macos => &[("/opt/homebrew/bin/brew", "arm"), ("/usr/local/bin/brew", "intel")],
        _ => &[("/home/linuxbrew/.linuxbrew/bin/brew", "linux"), ("~/.linuxbrew/bin/brew", "linux")],
    }
}

/// Every Homebrew, those on PATH first.
fn brews(host: &dyn Host) -> (Vec<Brew>, usize) {
    let mut all: Vec<Brew> = Vec::new();
    let os = host.platform().os;
    let kind = |path: &str| places(os).iter().find(|(place, _)| *place == path).map_or("other", |(_, kind)| kind);
    for candidate in host.which("brew") {
        if !all.iter().any(|brew| brew.path == candidate.path) {
            all.push(Brew { kind: kind(&candidate.path), path: candidate.path });
        }
    }
    let on_path = all.len();
    for (place, kind) in places(os) {
        let path = crate::host::expand(place, host.home().as_deref());
        if host.stat(&path).kind == PathKind::File && !all.iter().any(|brew| brew.path == path) {
            all.push(Brew { path, kind });
        }
    }
    (all, on_path)
}

/// The folder above `bin`.
fn prefix(brew: &str) -> &str {
    parent(parent(brew))
}

/// Homebrew by its files. Facts: `brew` (the one that wins, or the one to put on PATH), `prefix`, `on_path`, `kind`
/// (`arm`, `intel`, `linux`, `other`), `all` (kinds in order), `fits` (its processor is this one), `translated` (this
/// runs under Rosetta), `locked` (a folder of it that this user may not write to), `line_file` (the start-up file that
/// puts it on PATH), `unread_file` (one that would, if this shell read it), `rc` (where the line belongs), `setup`
/// (the line).
fn homebrew(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let platform = host.platform();
    let arm = platform.is("macos-arm");
    let startup = shell::startup(host);
    let rc = if startup.shell == "zsh" { "~/.zprofile" } else { startup.rc.as_str() };
    let (mut found, on_path) = brews(host);
    // Of those that are not on PATH the one for this processor is the one to put there.
    if on_path == 0 {
        found.sort_by_key(|brew| (brew.kind == "intel") == arm);
    }
    let Some(first) = found.first() else {
        let place = places(platform.os).iter().find(|(_, kind)| *kind != if arm { "intel" } else { "arm" });
        let place = place.map_or("", |(place, _)| place);
        return Observation { seen: Seen::Absent, ..Observation::facts([("rc", rc), ("brew", place)]) };
    };
    let at = prefix(&first.path).to_owned();
    let word = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let fits = match first.kind {
        "arm" => arm,
        "intel" => !arm,
        _ => true,
    };
    // `/usr/local` itself is the system's on every Mac; what lies in it is Homebrew's.
    let own: &[&str] = if at == "/usr/local" { &["/Homebrew", "/Cellar", "/bin"] } else { &["", "/bin", "/Cellar"] };
    let locked = own.iter().map(|part| format!("{at}{part}")).find(|folder| {
        let stat = host.stat(folder);
        stat.kind == PathKind::Dir
            && (stat.writable == Some(false) || stat.writable.is_none() && stat.mine == Some(false))
    });
    let setup = Pattern::new(r"brew\W+shellenv");
    let line = startup.find(&setup).map(|place| place.file);
    let line = line.or_else(|| startup.path_has(&format!("{at}/bin")).map(|place| place.file.clone()));
    let unread = startup.find_unread(&setup).map(|place| place.file).filter(|_| line.is_none());
    let kinds: Vec<&str> = found.iter().map(|brew| brew.kind).collect();
    let mut seen = Observation::facts([
        ("brew", first.path.as_str()),
        ("prefix", &at),
        ("kind", first.kind),
        ("all", &kinds.join(" ")),
        ("rc", rc),
    ])
    .with("on_path", word(on_path > 0))
    .with("fits", word(fits))
    .with("translated", word(arm && platform.arch == "x86_64"));
    for (name, value) in [("locked", locked), ("line_file", line), ("unread_file", unread)] {
        seen.facts.extend(value.map(|value| (name.to_owned(), value)));
    }
    seen.evidence.program.clone_from(&first.path);
    seen.evidence.candidates = found.iter().map(|brew| brew.path.clone()).collect();
    seen
}

/// Runs `brew --version`, which is a shell script and starts no Ruby.
fn homebrew_version(ask: Ask<'_>) -> Observation {
    let (found, on_path) = brews(ask.host);
    let Some(first) = found.first() else { return Observation::absent() };
    let program = if on_path > 0 { "brew" } else { first.path.as_str() };
    let argv = [program, "--version"].map(str::to_owned);
    let env = [("HOMEBREW_NO_AUTO_UPDATE".to_owned(), "1".to_owned())];
    let mut seen = program::observe(ask.host, &argv, &env, ask.timeout, false);
    seen.facts.insert("prefix".to_owned(), prefix(&first.path).to_owned());
    seen.evidence.source = Source::Command;
    seen
}
