//! Probes of Linux package managers, from their files wherever those tell.

use super::{Ask, Native, program};
use crate::{
    host::Host,
    model::{
        Observation, Seen,
        seen::{PathKind, View},
    },
};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] =
    &[("package-manager", manager), ("package-state", state), ("package-lists", lists), ("apt-keys", apt_keys)];

/// The manager of each family.
const KNOWN: &[(&str, &str)] =
    &[("debian", "apt-get"), ("fedora", "dnf"), ("arch", "pacman"), ("suse", "zypper"), ("alpine", "apk")];

/// Managers that `doctor` has no advice for.
const OTHERS: &[&str] =
    &["microdnf", "tdnf", "yum", "xbps-install", "emerge", "nix-env", "nix", "eopkg", "slackpkg", "guix"];

/// The manager of this Linux: its family's, else whichever is there.
fn name(host: &dyn Host) -> &'static str {
    let family = &host.platform().family;
    if let Some((_, name)) = KNOWN.iter().find(|(known, _)| known == family) {
        return name;
    }
    let there = |name: &&&str| !host.which(name).is_empty();
    KNOWN.iter().map(|(_, name)| name).find(there).copied().unwrap_or_default()
}

/// Finds the manager and asks its version; dnf 4, which is slow Python, only in depth. Fact `manager`; `other` where
/// it is one that nothing is known of.
fn manager(ask: Ask<'_>) -> Observation {
    let name = name(ask.host);
    let found = program::inspect(ask.host, name);
    let Some(found) = found.filter(|_| !name.is_empty()) else {
        return match OTHERS.iter().find(|other| !ask.host.which(other).is_empty()) {
            Some(other) => Observation::facts([("other", *other)]),
            None => Observation::absent(),
        };
    };
    let slow = name == "dnf" && (!found.first.script.is_empty() || found.first.real().ends_with("dnf-3"));
    let mut seen = if slow && !ask.deep && found.broken.is_none() {
        let mut seen = Observation::facts([("manager", name)]);
        program::describe(&found, &mut seen);
        seen
    } else {
        program::observe(ask.host, &[name.to_owned(), "--version".to_owned()], &[], ask.timeout, false)
    };
    seen.facts.insert("manager".to_owned(), name.to_owned());
    seen
}

/// Facts `interrupted`, `unfinished` (packages that dpkg names), `damaged` (whether files of theirs are missing),
/// `package` (the first of them), `lock_file`.
fn state(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let mut seen = Observation::facts([("manager", name(host))]);
    match name(host) {
        "apt-get" => {
            let journal = host.list("/var/lib/dpkg/updates").names;
            // Only this folder shows it: neither `dpkg --audit` nor `apt-get -s` does.
            let interrupted = journal.iter().any(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()));
            if !interrupted && program::inspect(host, "dpkg").is_some() {
                seen = program::observe(host, &["dpkg".to_owned(), "--audit".to_owned()], &[], ask.timeout, false);
                let facts = match &seen.seen {
                    // dpkg 1.22 wants to open a lock that is root's; the same facts are in what anybody may ask for.
                    Seen::Exited { code, stdout, .. } if *code != 0 && stdout.is_empty() => {
                        let argv = ["dpkg-query", "-W", "-f", QUERY].map(str::to_owned);
                        match program::observe(host, &argv, &[], ask.timeout, false).seen {
                            Seen::Exited { stdout, .. } => unfinished(&stdout),
                            _ => Vec::new(),
                        }
                    }
                    Seen::Exited { stdout, .. } => audit(stdout),
                    _ => Vec::new(),
                };
                seen.facts.extend(facts);
            }
            if interrupted {
                seen = seen.with("interrupted", "yes");
            }
            seen.evidence.files.push("/var/lib/dpkg/updates".to_owned());
        }
        "pacman" => {
            const LOCK: &str = "/var/lib/pacman/db.lck";
            if host.stat(LOCK).kind != PathKind::Missing {
                seen = seen.with("lock_file", LOCK);
            }
            seen.evidence.files.push(LOCK.to_owned());
        }
        _ => {}
    }
    seen
}

/// What `dpkg-query` is asked to say of each package: `ii ` and its name, in the letters of `dpkg -l`.
const QUERY: &str = "${db:Status-Abbrev}${Package}\\n";

/// The packages that are neither installed nor gone: unpacked, half configured, half installed, waiting for others.
fn unfinished(lines: &str) -> Vec<(String, String)> {
    let state = |line: &&str| line.as_bytes().get(1).is_some_and(|state| b"UFHWt".contains(state));
    let packages: Vec<&str> = lines.lines().filter(state).filter_map(|line| line.get(3..)).collect();
    let Some(first) = packages.first() else { return Vec::new() };
    let mut facts = vec![("unfinished".to_owned(), packages.join(", ")), ("package".to_owned(), (*first).to_owned())];
    if lines.lines().any(|line| line.as_bytes().get(2) == Some(&b'R')) {
        facts.push(("damaged".to_owned(), "yes".to_owned()));
    }
    facts
}

/// The packages that `dpkg --audit` names: each on a line of its own, after one space.
fn audit(stdout: &str) -> Vec<(String, String)> {
    let packages: Vec<&str> =
        stdout.lines().filter(|line| line.starts_with(' ')).filter_map(|line| line.split_whitespace().next()).collect();
    let Some(first) = packages.first() else { return Vec::new() };
    let mut facts = vec![
        ("unfinished".to_owned(), packages.join(", ")),
        ("package".to_owned(), first.split(':').next().unwrap_or(first).to_owned()),
    ];
    if stdout.contains("missing the") || stdout.contains("serious problems") {
        facts.push(("damaged".to_owned(), "yes".to_owned()));
    }
    facts
}

/// Fact `lists`: `present`, `missing`, `own` (the manager fetches them by itself); `sources`: `none` where nothing
/// says from where.
fn lists(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let any = |folder: &str, good: &dyn Fn(&str) -> bool| host.list(folder).names.iter().any(|name| good(name));
    let word = |there: bool| if there { "present" } else { "missing" };
    let manager = name(host);
    let (lists, sources) = match manager {
        "apt-get" => {
            let own = host.read("/etc/apt/sources.list", View::Whole).text().unwrap_or_default();
            let listed = own.lines().any(|line| line.trim_start().starts_with("deb"));
            let further = any("/etc/apt/sources.list.d", &|name| name.ends_with(".list") || name.ends_with(".sources"));
            (word(any("/var/lib/apt/lists", &|name| name.contains("_Packages"))), listed || further)
        }
        "pacman" => (word(any("/var/lib/pacman/sync", &|name| name.ends_with(".db"))), true),
        "apk" => {
            let cached = ["/var/cache/apk", "/etc/apk/cache"];
            (word(cached.iter().any(|folder| any(folder, &|name| name.starts_with("APKINDEX")))), true)
        }
        "zypper" => ("own", any("/etc/zypp/repos.d", &|name| name.ends_with(".repo"))),
        _ => ("own", true),
    };
    let mut seen = Observation::facts([("manager", manager), ("lists", lists)]);
    if !sources {
        seen = seen.with("sources", "none");
    }
    seen
}

/// Keys that apt's sources name, in the order of the sources: facts `missing_key` or `locked_key` with `file` and
/// `repository` of the first that is not there or that apt's own user may not read.
fn apt_keys(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let folder = "/etc/apt/sources.list.d";
    let further = host.list(folder).names.into_iter().map(|name| format!("{folder}/{name}"));
    let files = std::iter::once("/etc/apt/sources.list".to_owned()).chain(further);
    let mut seen = Observation::facts([("manager", "apt-get")]);
    let distro = if host.platform().distro == "ubuntu" { "ubuntu" } else { "debian" };
    for file in files.filter(|file| file.ends_with(".list") || file.ends_with(".sources")) {
        let text = host.read(&file, View::Whole).text().unwrap_or_default();
        seen.evidence.files.push(file.clone());
        for (key, repository) in signed_by(&text) {
            let stat = host.stat(&key);
            let readable = stat.mode.is_empty() || stat.mode.ends_with(['4', '5', '6', '7']);
            let fact = match stat.kind {
                PathKind::Missing | PathKind::Dangling => "missing_key",
                PathKind::Denied => "locked_key",
                _ if !readable => "locked_key",
                _ => continue,
            };
            return seen.with(fact, key).with("file", file).with("repository", repository).with("distro", distro);
        }
    }
    seen
}

/// The key files that a sources file names, each with its repository, in both of apt's formats; keys written into the
/// file itself are no files.
fn signed_by(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut uris, mut off) = (String::new(), false);
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let lower = line.to_ascii_lowercase();
        if line.is_empty() {
            (uris, off) = (String::new(), false);
        } else if let Some(value) = lower.strip_prefix("enabled:") {
            off = value.trim() == "no";
        } else if lower.starts_with("uris:") {
            line[5..].trim().clone_into(&mut uris);
        } else if lower.starts_with("signed-by:") {
            let keys = line[10..].split([' ', ',']).filter(|key| key.starts_with('/') && !off);
            found.extend(keys.map(|key| (key.to_owned(), uris.clone())));
        } else if let Some(options) = line.strip_prefix("deb").and_then(|rest| rest.split_once('[')) {
            let Some((options, rest)) = options.1.split_once(']') else { continue };
            let uri = rest.split_whitespace().next().unwrap_or_default();
            let keys = options.split_whitespace().filter_map(|option| option.strip_prefix("signed-by="));
            let keys = keys.flat_map(|keys| keys.split(',')).filter(|key| key.starts_with('/'));
            found.extend(keys.map(|key| (key.to_owned(), uri.to_owned())));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::signed_by;

    #[test]
    fn keys_are_read_from_both_formats() {
        let list =
            "# deb [signed-by=/no] x\ndeb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] https://d.com stable\n";
        assert_eq!(signed_by(list), [("/etc/apt/keyrings/docker.asc".to_owned(), "https://d.com".to_owned())]);
        let sources =
            "Types: deb\nURIs: https://a\nSigned-By: /k.gpg\n\nEnabled: no\nURIs: https://b\nSigned-By: /n.gpg\n";
        assert_eq!(signed_by(sources), [("/k.gpg".to_owned(), "https://a".to_owned())]);
        assert!(signed_by("Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n").is_empty());
    }
}
