//! Probes of the machine itself: system and release, disk, memory, PATH, clock, and the way to root's rights.

use super::{Ask, Native, program, shell};
use crate::{
    host::Command,
    model::{Observation, Os, Platform, seen::PathKind},
};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[
    ("machine-system", system),
    ("machine-release", release),
    ("machine-disk", disk),
    ("machine-memory", memory),
    ("machine-path", path),
    ("machine-clock", clock),
    ("machine-rights", rights),
    ("machine-home", home),
];

/// Facts `os` and `name`.
fn system(ask: Ask<'_>) -> Observation {
    let platform = ask.host.platform();
    let os = match platform.os {
        Os::Linux => "linux",
        Os::Macos => "macos",
        Os::Windows => "windows",
        Os::Other => "other",
    };
    Observation::facts([("os", os.to_owned()), ("name", name(platform))])
}

/// The system's name for people.
fn name(platform: &Platform) -> String {
    let own = match platform.os {
        Os::Linux => "Linux",
        Os::Macos => "macOS",
        Os::Windows => "Windows",
        Os::Other => "this system",
    };
    let made = || {
        let system = if platform.distro.is_empty() { own } else { &platform.distro };
        format!("{system} {}", platform.version).trim().to_owned()
    };
    Some(platform.name.clone()).filter(|name| !name.is_empty()).unwrap_or_else(made)
}

/// Facts `name`, `version` and `calendar`: the lines that say until when this system gets updates. Windows is known by
/// its build, and editions of organisations, which are supported longer, are left alone.
fn release(ask: Ask<'_>) -> Observation {
    let platform = ask.host.platform();
    let build = platform.version.rsplit('.').next().unwrap_or_default();
    let managed = ["Enterprise", "Education", "Server", "LTSC"].iter().any(|word| platform.name.contains(word));
    let (calendar, version) = match platform.os {
        Os::Windows if managed => ("", ""),
        Os::Windows => ("windows", build),
        Os::Macos => ("macos", platform.version.as_str()),
        _ => (platform.distro.as_str(), platform.version.as_str()),
    };
    let facts = [("name", name(platform)), ("calendar", calendar.to_owned()), ("version", version.to_owned())];
    Observation::facts(facts.into_iter().filter(|(_, value)| !value.is_empty()))
}

/// Facts `free_gb` (whole gigabytes) and `free`, on the disk of the home folder.
fn disk(ask: Ask<'_>) -> Observation {
    let Some(free) = ask.host.system().disk_free else { return Observation::facts([("unknown", "yes")]) };
    let tenths = free / 100_000_000;
    Observation::facts([
        ("free_gb", (tenths / 10).to_string()),
        ("free", format!("{}.{} GB", tenths / 10, tenths % 10)),
    ])
}

/// Fact `memory_gb`: gibibytes in all, rounded, since some of them are always the system's own.
fn memory(ask: Ask<'_>) -> Observation {
    const GIB: u64 = 1 << 30;
    match ask.host.system().memory {
        Some(memory) => Observation::facts([("memory_gb", ((memory + GIB / 2) / GIB).to_string())]),
        None => Observation::facts([("unknown", "yes")]),
    }
}

/// Fact `today`; how far that is from the day the calendars were taken is added where it is judged.
fn clock(ask: Ask<'_>) -> Observation {
    Observation::facts([("today", ask.host.platform().today.clone())])
}

/// Facts about PATH, each only where there is such a folder: `current` (an empty entry or a dot), `relative`,
/// `unexpanded` (a variable that nobody put in), `missing`, `duplicates`, each with `…_at`, the line of a start-up file
/// that puts the first of them there. `count` counts folders; `system` says whether the system's own are on it.
fn path(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let platform = host.platform();
    let windows = platform.os == Os::Windows;
    let folders = host.path();
    let plain = |folder: &str| {
        let folder = folder.trim_matches('"').replace('\\', "/");
        let folder = if windows { folder.to_ascii_lowercase() } else { folder };
        if folder.len() > 1 { folder.trim_end_matches('/').to_owned() } else { folder }
    };
    let absolute = |folder: &str| {
        let folder = plain(folder);
        folder.starts_with('/') || folder.starts_with('~') || windows && folder.as_bytes().get(1) == Some(&b':')
    };
    let mut seen = std::collections::BTreeSet::new();
    let mut lists: [(&str, Vec<&str>); 5] = [
        ("current", vec![]),
        ("unexpanded", vec![]),
        ("relative", vec![]),
        ("missing", vec![]),
        ("duplicates", vec![]),
    ];
    for folder in &folders {
        let at = match folder.as_str() {
            "" | "." | "./" => 0,
            text if text.starts_with('$') || text.contains("/$") || windows && text.contains('%') => 1,
            text if !absolute(text) => 2,
            text if !seen.insert(plain(text)) => 4,
            // Windows folders are slow to look at from WSL, and not this Linux's own.
            text if platform.wsl > 0 && program::is_windows_path(text) => continue,
            text if !matches!(host.stat(text).kind, PathKind::Dir | PathKind::Denied) => 3,
            _ => continue,
        };
        lists[at].1.push(folder);
    }
    let usual = ["/usr/bin", "/bin", "/run/current-system/sw/bin"];
    let usual = |folder: &str| if windows { folder.ends_with("/system32") } else { usual.contains(&folder) };
    let system = folders.iter().any(|folder| usual(&plain(folder)));
    let count = folders.iter().filter(|folder| !folder.is_empty()).count();
    let mut facts = vec![
        ("count".to_owned(), count.to_string()),
        ("system".to_owned(), if system { "yes" } else { "no" }.to_owned()),
    ];
    let startup = shell::startup(host);
    for (name, found) in lists {
        if found.is_empty() {
            continue;
        }
        facts.push((name.to_owned(), if name == "current" { "yes".to_owned() } else { found.join(", ") }));
        // A folder is twice there through the files only where two of their lines add it: a shell inside a shell reads
        // one line twice.
        let mut places =
            found.iter().filter_map(|folder| startup.path_at(folder).nth(usize::from(name == "duplicates")));
        let own = places.clone().find(|place| place.file.starts_with('~'));
        if let Some(place) = own.or_else(|| places.next()) {
            facts.push((format!("{name}_at"), format!("line {} of {}", place.line, place.file)));
        }
    }
    Observation::facts(facts)
}

/// Facts `home` (`none`, `missing`, `no-folder`, `closed` or `open`), `mine` and `writable` (`yes` or `no`). What lies in it is
/// never listed: that a name below it may not even be looked at shows that it is closed.
fn home(ask: Ask<'_>) -> Observation {
    let Some(home) = ask.host.home() else { return Observation::facts([("home", "none")]) };
    let stat = ask.host.stat(&home);
    let kind = match stat.kind {
        PathKind::Missing | PathKind::Dangling => "missing",
        PathKind::Denied => "closed",
        PathKind::Dir if ask.host.stat(&format!("{home}/.config")).kind == PathKind::Denied => "closed",
        PathKind::Dir => "open",
        PathKind::File | PathKind::Special => "no-folder",
    };
    let word = |yes: bool| if yes { "yes" } else { "no" };
    let told = [("mine", stat.mine), ("writable", stat.writable)];
    let told = told.into_iter().filter_map(|(name, told)| Some((name, word(told?))));
    Observation::facts([("home", kind)].into_iter().chain(told))
}

/// Groups whose members may use sudo or doas as systems are set up.
const ADMINS: &[&str] = &["sudo", "wheel", "admin"];

/// Fact `kind`: `root`, `member` (of a group that may), `sudo` or `doas` (they were asked without a prompt), `none`.
fn rights(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    if host.platform().root {
        return Observation::facts([("kind", "root")]);
    }
    let (sudo, doas) = (program::inspect(host, "sudo"), program::inspect(host, "doas"));
    let tool = match (&sudo, &doas) {
        (Some(_), _) => "sudo",
        (None, Some(_)) => "doas",
        (None, None) => return Observation::facts([("kind", "none")]),
    };
    let groups = host.run(&Command::new(["id", "-nG"]).timeout(ask.timeout));
    let member = groups.stdout.text().split_whitespace().any(|group| ADMINS.contains(&group));
    if member {
        return Observation::facts([("kind", "member"), ("tool", tool)]);
    }
    // `sudo -n true` asks an unlisted user for a password as well; only -v tells them apart.
    let argv: &[&str] = if tool == "sudo" { &["sudo", "-n", "-v"] } else { &["doas", "-n", "true"] };
    let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
    let mut seen = program::observe(host, &argv, &[], ask.timeout, false);
    seen.facts.insert("kind".to_owned(), tool.to_owned());
    seen.facts.insert("tool".to_owned(), tool.to_owned());
    seen
}
