//! From a probe as data to what it saw.

use crate::{
    host::{Command, Host, expand},
    model::{
        Evidence, Observation, Probe, Seen, Source,
        check::{CommandProbe, ShellProbe},
        seen::{PathKind, View},
    },
    native::{self, Ask, program},
};

/// Runs one probe against a host. [`Probe::AnyOf`] is answered by the exam, which has the other findings.
pub fn observe(probe: &Probe, host: &dyn Host, deep: bool) -> Observation {
    match probe {
        Probe::Command(CommandProbe { run, timeout, env, windows_program_ok }) => {
            let env: Vec<_> = env.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            program::observe(host, run, &env, *timeout, *windows_program_ok)
        }
        Probe::Shell(shell) => login_shell(host, shell),
        Probe::File(file) => first(&file.read, host, read_file),
        Probe::Dir(dir) => first(&dir.list, host, list_dir),
        Probe::Env(env) => match host.env(&env.name) {
            Some(value) => Observation::facts([("value", value)]),
            None => Observation::absent(),
        },
        Probe::Native(native) => match native::find(&native.name) {
            Some(probe) => probe(Ask { host, with: &native.with, timeout: native.timeout, deep }),
            None => Observation {
                seen: Seen::Unreadable(format!("no native probe `{}`", native.name)),
                ..Observation::default()
            },
        },
        Probe::AnyOf(_) => Observation::absent(),
    }
}

/// Runs words in the learner's login shell, interactive and with its start-up files, without a terminal.
fn login_shell(host: &dyn Host, probe: &ShellProbe) -> Observation {
    let shell = host.env("SHELL").unwrap_or_else(|| "/bin/sh".to_owned());
    let argv = [shell.as_str(), "-lic", &probe.run].map(str::to_owned);
    let mut seen =
        Observation { evidence: Evidence { argv: argv.to_vec(), ..Evidence::default() }, ..Observation::default() };
    program::record(host.run(&Command::new(argv).timeout(probe.timeout)), &mut seen);
    seen
}

/// The first of several paths that exists; `~` and a leading `$NAME` are put in.
fn first(paths: &[String], host: &dyn Host, look: fn(&dyn Host, &str) -> Observation) -> Observation {
    let mut last = Observation::absent();
    for path in paths {
        let path = match path.strip_prefix('$').map(|rest| rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len())))
        {
            Some((name, rest)) => match host.env(name) {
                Some(value) => format!("{value}{rest}"),
                None => continue,
            },
            None => expand(path, host.home().as_deref()),
        };
        let mut seen = look(host, &path);
        seen.evidence.files.push(path.clone());
        seen.facts.insert("path".to_owned(), path);
        if seen.seen != Seen::Absent {
            return seen;
        }
        last = seen;
    }
    last
}

fn read_file(host: &dyn Host, path: &str) -> Observation {
    let file = host.read(path, View::Whole);
    let seen = match (file.kind, file.text()) {
        (PathKind::Missing | PathKind::Dangling, _) => Seen::Absent,
        (_, Some(text)) => Seen::Text(text),
        (PathKind::Denied, None) => Seen::Unreadable("permission denied".to_owned()),
        (_, None) => Seen::Unreadable(if file.error.is_empty() { "not a file".to_owned() } else { file.error.clone() }),
    };
    let mut facts = std::collections::BTreeMap::new();
    if !file.mode.is_empty() {
        facts.insert("mode".to_owned(), file.mode);
    }
    Observation { seen, facts, evidence: Evidence { source: Source::File, ..Evidence::default() } }
}

fn list_dir(host: &dyn Host, path: &str) -> Observation {
    let dir = host.list(path);
    match dir.kind {
        PathKind::Dir => Observation::facts([("names", dir.names.join("\n")), ("count", dir.names.len().to_string())]),
        PathKind::Denied => {
            Observation { seen: Seen::Unreadable("permission denied".to_owned()), ..Observation::default() }
        }
        _ => Observation::absent(),
    }
}
