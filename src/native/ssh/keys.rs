//! The keys ssh would use: by their default names, by the configuration, or kept by an agent.

use super::{super::Ask, CONFIG, config};
use crate::{
    host::{Command, expand, file_name},
    model::{
        Observation, Os, Source,
        seen::{End, KeySeen, PathKind},
    },
    native::program::is_windows_path,
};

/// The names ssh tries where nothing is configured; the best kinds first, because the best one is told.
const DEFAULT: &[&str] = &["id_ed25519", "id_ed25519_sk", "id_ecdsa", "id_ecdsa_sk", "id_rsa", "id_dsa"];

/// The least bits of an RSA key that old tutorials did not make, and those below which nobody takes it.
const RSA_GOOD: u32 = 3072;
const RSA_LEAST: u32 = 2048;

/// What a key is good for, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Good,
    Weak,
    WindowsDrive,
    Open,
    Denied,
    Damaged,
    Public,
    Putty,
    Empty,
    Other,
    Short,
    Dsa,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Weak => "weak",
            Self::WindowsDrive => "windows-drive",
            Self::Open => "open",
            Self::Denied => "denied",
            Self::Damaged => "damaged",
            Self::Public => "public",
            Self::Putty => "putty",
            Self::Empty => "empty",
            Self::Other => "other",
            Self::Short => "short",
            Self::Dsa => "dsa",
        }
    }
}

struct Candidate {
    path: String,
    key: KeySeen,
    state: State,
}

/// What is to be said of the best key there is. Facts: `state`, `key`, `name`, `algorithm`, `bits`, `mode`, `damage`,
/// `encrypted`, `public` (whether its public half lies beside it), `public_key`, `folder`.
pub fn keys(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let config = config::read(ask, CONFIG);
    let mut paths: Vec<String> = DEFAULT.iter().map(|name| format!("~/.ssh/{name}")).collect();
    // A configuration may name the public half of a key that an agent holds.
    let named = config.identity_files.iter().map(|path| path.strip_suffix(".pub").unwrap_or(path).to_owned());
    paths.extend(named);
    let mut found: Vec<Candidate> = Vec::new();
    for path in paths {
        if !found.iter().any(|known| known.path == path) {
            found.extend(candidate(ask, path));
        }
    }
    found.sort_by_key(|candidate| candidate.state);
    prefer_modern(&mut found);
    let mut seen = Observation::facts::<&str, &str>([]);
    seen.evidence.source = Source::File;
    seen.evidence.files = found.iter().map(|candidate| candidate.path.clone()).collect();
    let folder = host.stat("~/.ssh");
    let mut fact = |name: &str, value: &str| {
        seen.facts.insert(name.to_owned(), value.to_owned());
    };
    if mode(&folder.mode) & 0o022 != 0 && folder.mine != Some(false) {
        fact("folder", "open");
    } else if folder.kind == PathKind::Denied {
        fact("folder", "denied");
    }
    let best = found.into_iter().next();
    let usable = best.as_ref().is_some_and(|best| best.state <= State::Weak);
    if !usable && let Some(agent) = in_agent(ask, &config.agents) {
        fact("state", "agent");
        fact("algorithm", &agent);
        return seen;
    }
    let there = |path: &String| {
        let half = format!("{}.pub", path.strip_suffix(".pub").unwrap_or(path));
        [path.as_str(), &half]
            .iter()
            .any(|path| !matches!(host.stat(path).kind, PathKind::Missing | PathKind::Dangling))
    };
    if let Some(lost) = config.for_github.first()
        && !config.for_github.iter().any(there)
        && in_agent(ask, &config.agents).is_none()
    {
        fact("state", "configured-missing");
        fact("key", lost);
        fact("name", file_name(lost));
        return seen;
    }
    let Some(best) = best else {
        match misnamed(ask) {
            Some(path) => {
                fact("state", "misnamed");
                fact("key", &path);
                fact("name", file_name(&path));
            }
            None => fact("state", "none"),
        }
        return seen;
    };
    let public = format!("{}.pub", best.path);
    let half = host.key(&public);
    let fits = half.format == "public" && (half.algorithm == best.key.algorithm || best.key.algorithm.is_empty());
    fact("state", best.state.word());
    fact("key", &best.path);
    fact("name", file_name(&best.path));
    fact("public_key", &public);
    fact(
        "public",
        if half.kind == PathKind::Missing {
            "missing"
        } else if fits {
            "there"
        } else {
            "other"
        },
    );
    fact("mode", &best.key.mode);
    let algorithm = if best.key.algorithm.is_empty() { "SSH" } else { &best.key.algorithm };
    fact("algorithm", algorithm);
    if !best.key.damage.is_empty() {
        fact("damage", &best.key.damage);
    }
    if let Some(bits) = best.key.bits {
        fact("bits", &bits.to_string());
    }
    if let Some(encrypted) = best.key.encrypted {
        fact("encrypted", if encrypted { "yes" } else { "no" });
    }
    seen
}

/// An ed25519 key that can be mended is told before an RSA key that merely works: the advice for that one is to make the
/// very file that is there already.
fn prefer_modern(found: &mut [Candidate]) {
    let modern = found.iter().position(|one| file_name(&one.path) == DEFAULT[0] && one.state > State::Weak);
    if let Some(at) = modern.filter(|_| found[0].state == State::Weak) {
        found[..=at].rotate_right(1);
    }
}

/// A key file that is there, judged.
fn candidate(ask: Ask<'_>, path: String) -> Option<Candidate> {
    let key = ask.host.key(&path);
    if matches!(key.kind, PathKind::Missing | PathKind::Dangling | PathKind::Dir | PathKind::Special) {
        return None;
    }
    let platform = ask.host.platform();
    let open = platform.os != Os::Windows && key.mine != Some(false) && mode(&key.mode) & 0o077 != 0;
    let state = if key.kind == PathKind::Denied || key.format == "unreadable" {
        State::Denied
    } else if key.format == "public" {
        State::Public
    } else if key.format == "putty" {
        State::Putty
    } else if key.format == "empty" {
        State::Empty
    } else if !key.damage.is_empty() || key.format == "damaged" {
        State::Damaged
    } else if key.format == "other" {
        State::Other
    } else if key.algorithm == "dsa" {
        State::Dsa
    } else if key.algorithm == "rsa" && key.bits.is_some_and(|bits| bits < RSA_LEAST) {
        State::Short
    } else if open && platform.wsl > 0 && on_windows_drive(ask, &path) {
        State::WindowsDrive
    } else if open {
        State::Open
    } else if key.algorithm == "rsa" && key.bits.is_some_and(|bits| bits < RSA_GOOD) {
        State::Weak
    } else {
        State::Good
    };
    Some(Candidate { path, key, state })
}

fn mode(octal: &str) -> u32 {
    u32::from_str_radix(octal, 8).unwrap_or(0)
}

fn on_windows_drive(ask: Ask<'_>, path: &str) -> bool {
    let stat = ask.host.stat(path);
    let real = if stat.real.is_empty() { expand(path, ask.host.home().as_deref()) } else { stat.real };
    is_windows_path(&real) || is_windows_path(&ask.host.stat("~/.ssh").real)
}

/// The kind of a key that an agent holds: the one of this shell, or one that the configuration names.
fn in_agent(ask: Ask<'_>, sockets: &[String]) -> Option<String> {
    if sockets.iter().any(|socket| ask.host.stat(socket).kind == PathKind::Special) {
        return Some("SSH".to_owned());
    }
    if ask.host.which("ssh-add").is_empty() {
        return None;
    }
    let ran = ask.host.run(&Command::new(["ssh-add", "-l"]).timeout(ask.timeout));
    let kinds: Vec<String> = ran
        .stdout
        .text()
        .lines()
        .filter(|line| ran.end == End::Exited(0) && line.contains(':'))
        .filter_map(|line| Some(line.trim().rsplit_once('(')?.1.trim_end_matches(')').to_ascii_lowercase()))
        .collect();
    let best = DEFAULT.iter().find_map(|name| {
        let kind = name.trim_start_matches("id_").replace('_', "-");
        kinds.iter().find(|found| **found == kind && kind != "dsa")
    });
    best.or_else(|| kinds.iter().find(|kind| *kind != "dsa")).cloned()
}

/// A sound key beside its public half under a name that ssh does not try.
fn misnamed(ask: Ask<'_>) -> Option<String> {
    let names = ask.host.list("~/.ssh").names;
    let private = names.iter().filter_map(|name| name.strip_suffix(".pub"));
    private
        .filter(|name| names.iter().any(|other| other == name))
        .map(|name| format!("~/.ssh/{name}"))
        .find(|path| candidate(ask, path.clone()).is_some_and(|candidate| candidate.state <= State::Open))
}

/// A path with the home folder as `~`, so that it can be shown and pasted.
pub fn tilde(ask: Ask<'_>, path: &str) -> String {
    let home = ask.host.home().unwrap_or_default();
    match path.strip_prefix(home.as_str()).filter(|rest| !home.is_empty() && rest.starts_with(['/', '\\'])) {
        Some(rest) => format!("~{rest}"),
        None => path.to_owned(),
    }
}
