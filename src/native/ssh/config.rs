//! The parts of SSH's configuration that say which keys are used.

use super::{super::Ask, keys::tilde};
use crate::{
    host::{expand, file_name, parent},
    model::seen::{PathKind, View},
};

/// What a configuration says about keys.
#[derive(Debug, Default)]
pub struct SshConfig {
    /// Every `IdentityFile`, whatever host it is for: an alias of GitHub is as good as GitHub's own name.
    pub identity_files: Vec<String>,
    /// Those of them that ssh uses for GitHub's own name, and then no others.
    pub for_github: Vec<String>,
    /// Sockets of agents that hold keys.
    pub agents: Vec<String>,
    /// Keys are put into the agent when they are first used, or come from Apple's keychain.
    pub adds_keys: bool,
    /// GitHub is reached by the port of HTTPS.
    pub github_over_443: bool,
}

/// How many files one configuration may include.
const FILES: usize = 30;

/// Reads a configuration with what it includes.
pub fn read(ask: Ask<'_>, path: &str) -> SshConfig {
    let mut config = SshConfig::default();
    let mut open = vec![path.to_owned()];
    let mut count = 0;
    while let Some(path) = open.pop() {
        count += 1;
        let seen = ask.host.read(&path, View::SshConfig);
        let Some(text) = seen.text().filter(|_| count <= FILES) else { continue };
        let mut applies = true;
        for line in text.lines() {
            let line = line.trim();
            let cut = line.find([' ', '\t', '=', '"']).unwrap_or(line.len());
            let (keyword, rest) = line.split_at(cut);
            let value = rest.trim_matches([' ', '\t', '=']).trim_matches('"');
            match keyword.to_ascii_lowercase().as_str() {
                "host" => applies = value.split_whitespace().any(matches_github),
                "match" => applies = value.eq_ignore_ascii_case("all"),
                "identityfile" if value != "none" => {
                    let file = tilde(ask, &tokens(ask, value));
                    // What other tokens stand for only ssh knows.
                    if applies && !file.contains('%') {
                        config.for_github.push(file.clone());
                    }
                    config.identity_files.push(file);
                }
                "identityagent" if value != "none" && value != "SSH_AUTH_SOCK" => {
                    config.agents.push(tilde(ask, &tokens(ask, value)));
                }
                "addkeystoagent" | "usekeychain" if !value.eq_ignore_ascii_case("no") => config.adds_keys = true,
                "hostname" if value.eq_ignore_ascii_case("ssh.github.com") => config.github_over_443 = true,
                "include" => open.extend(value.split_whitespace().flat_map(|pattern| included(ask, pattern))),
                _ => {}
            }
        }
    }
    config
}

/// Whether a host pattern stands for GitHub; a star may stand for any part, as in `git*.com`.
fn matches_github(pattern: &str) -> bool {
    let name = "github.com";
    match pattern.trim_matches('"').to_ascii_lowercase().split_once('*') {
        None => pattern.eq_ignore_ascii_case(name),
        Some((before, after)) => name.starts_with(before) && name.ends_with(after.trim_start_matches('*')),
    }
}

/// `%d` is the home folder.
fn tokens(ask: Ask<'_>, value: &str) -> String {
    let home = ask.host.home().unwrap_or_else(|| "~".to_owned());
    expand(&value.replace("%d", &home).replace("${HOME}", &home), Some(&home))
}

/// The files of an `Include`; a relative path starts at `~/.ssh`, and only the last part may hold a star here.
fn included(ask: Ask<'_>, pattern: &str) -> Vec<String> {
    let pattern = pattern.trim_matches('"');
    let path = if pattern.starts_with(['/', '~']) { pattern.to_owned() } else { format!("~/.ssh/{pattern}") };
    let Some((before, after)) = file_name(&path).split_once('*') else { return vec![path] };
    let folder = parent(&path);
    let listed = ask.host.list(folder);
    if listed.kind != PathKind::Dir {
        return Vec::new();
    }
    let fits = |name: &&String| {
        name.len() >= before.len() + after.len()
            && name.starts_with(before)
            && name.ends_with(after)
            && !name.ends_with('/')
    };
    listed.names.iter().filter(fits).map(|name| format!("{folder}/{name}")).collect()
}
