//! Probes of SSH: configuration, keys, agent, known hosts, GitHub. What a key file is the host says; no key material,
//! no comment of a key and no name of a server gets here.

mod config;
mod keys;

use super::{Ask, Native, program};
use crate::{
    host::{Command, expand},
    model::{
        Observation, Os, Pattern, Seen,
        condition::streams,
        seen::{End, PathKind},
    },
};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[
    ("ssh-configuration", configuration),
    ("ssh-keys", keys::keys),
    ("ssh-agent", agent),
    ("ssh-known-hosts", known_hosts),
    ("ssh-github", github),
];

/// The learner's own configuration of SSH.
const CONFIG: &str = "~/.ssh/config";

fn words(argv: &[&str]) -> Vec<String> {
    argv.iter().map(|word| (*word).to_owned()).collect()
}

/// Whether ssh can read its configuration: it is asked what it would do for GitHub, without doing it.
fn configuration(ask: Ask<'_>) -> Observation {
    let stat = ask.host.stat(CONFIG);
    if matches!(stat.kind, PathKind::Missing | PathKind::Dangling) {
        return Observation::facts([("config", "none")]);
    }
    // Named by `-F`, a file is read wherever home is said to be, but then ssh does not look at its owner and its
    // permissions; whether a group's right to write is dangerous it must say itself, because distributions differ in that.
    let mode = u32::from_str_radix(&stat.mode, 8).unwrap_or(0);
    let is_safe = ask.host.platform().os != Os::Windows && mode & 0o022 == 0 && stat.mine != Some(false);
    let mut argv = words(&["ssh", "-G", "-o", "CanonicalizeHostname=no", "github.com"]);
    if is_safe {
        argv.splice(2..2, ["-F".to_owned(), expand(CONFIG, ask.host.home().as_deref())]);
    }
    let mut seen = program::observe(ask.host, &argv, &[], ask.timeout, false);
    let (_, stderr) = streams(&seen.seen);
    let place = Pattern::new(r"(?m)^(?P<file>[^\n]+?):? line (?P<at_line>\d+): (?P<problem>[^\n]*)");
    let owner = Pattern::new(r"Bad owner or permissions on (?P<file>[^\n]+)");
    let found = [place, owner].iter().find_map(|pattern| pattern.named(stderr)).unwrap_or_default();
    for (name, value) in found {
        let value = if name == "file" { keys::tilde(ask, value.trim()) } else { value };
        seen.facts.insert(name, value);
    }
    // What ssh would do for a host is nobody else's business.
    if let Seen::Exited { stdout, .. } = &mut seen.seen {
        stdout.clear();
    }
    seen.facts.insert("config".to_owned(), "there".to_owned());
    if mode & 0o002 != 0 {
        seen.facts.insert("writable".to_owned(), "by-all".to_owned());
        seen.facts.entry("file".to_owned()).or_insert_with(|| CONFIG.to_owned());
    }
    seen
}

/// What the agent holds, and whether the key that is there needs one.
fn agent(ask: Ask<'_>) -> Observation {
    let mut seen = program::observe(ask.host, &words(&["ssh-add", "-l"]), &[], ask.timeout, false);
    let key = keys::keys(ask);
    for (name, value) in key.facts {
        if ["key", "name", "encrypted", "state"].contains(&name.as_str()) {
            seen.facts.insert(name, value);
        }
    }
    if config::read(ask, CONFIG).adds_keys {
        seen.facts.insert("adds_keys".to_owned(), "yes".to_owned());
    }
    let (stdout, _) = streams(&seen.seen);
    let count = stdout.lines().filter(|line| line.contains("SHA256:") || line.contains("MD5:")).count();
    seen.facts.insert("count".to_owned(), count.to_string());
    seen.evidence.excerpt.clear();
    seen
}

/// Whether GitHub's host key is known; ssh-keygen also finds names that are hashed.
fn known_hosts(ask: Ask<'_>) -> Observation {
    let name = if config::read(ask, CONFIG).github_over_443 { "[ssh.github.com]:443" } else { "github.com" };
    let own = expand("~/.ssh/known_hosts", ask.host.home().as_deref());
    let look = |file: &str| {
        let argv = words(&["ssh-keygen", "-F", name, "-f", file]);
        program::observe(ask.host, &argv, &[], ask.timeout, false)
    };
    let mut seen = look(&own);
    let shared = "/etc/ssh/ssh_known_hosts";
    if matches!(seen.seen, Seen::Exited { code, .. } if code != 0)
        && ask.host.platform().os != Os::Windows
        && ask.host.stat(shared).kind == PathKind::File
    {
        let other = look(shared);
        if matches!(other.seen, Seen::Exited { code: 0, .. }) {
            seen = other;
        }
    }
    seen
}

/// Asks GitHub who this key belongs to. Nothing may be written down by it: no host key, no agent, no shared connection.
fn github(ask: Ask<'_>) -> Observation {
    let argv = words(&[
        "ssh",
        "-T",
        "-o",
        "BatchMode=yes",
        "-o",
        "ConnectTimeout=5",
        "-o",
        "StrictHostKeyChecking=yes",
        "-o",
        "UpdateHostKeys=no",
        "-o",
        "ControlMaster=no",
        "-o",
        "ControlPath=none",
        "git@github.com",
    ]);
    let mut seen = program::observe(ask.host, &argv, &[], ask.timeout, false);
    let (_, stderr) = streams(&seen.seen);
    if stderr.contains("Permission denied (") {
        let key = keys::keys(ask);
        for (name, value) in key.facts {
            if ["key", "name", "encrypted", "public_key"].contains(&name.as_str()) {
                seen.facts.insert(name, value);
            }
        }
        let agent = match ask.host.run(&Command::new(["ssh-add", "-l"]).timeout(ask.timeout)).end {
            End::Exited(0) => "keys",
            End::Exited(1) => "empty",
            _ => "none",
        };
        seen.facts.insert("agent".to_owned(), agent.to_owned());
    }
    // GitHub's greeting names the account.
    seen.evidence.excerpt.clear();
    seen
}
