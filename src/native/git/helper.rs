//! The programs that keep passwords for git: whether those that the configuration names exist.

use super::{
    super::{Ask, program},
    settings, tilde,
};
use crate::{
    host::{Command, expand},
    model::{Observation, Os, Seen, seen::PathKind},
};

/// Where Git for Windows keeps its own credential manager, as WSL sees it.
const WINDOWS_MANAGER: &[&str] = &[
    "/mnt/c/Program Files/Git/mingw64/bin/git-credential-manager.exe",
    "/mnt/c/Program Files/Git/clangarm64/bin/git-credential-manager.exe",
];

/// Whether every helper that git is told to ask exists. Facts: `helper` names the first that does not.
pub fn credential_helper(ask: Ask<'_>) -> Observation {
    let (mut seen, settings) = settings(ask);
    if !matches!(seen.seen, Seen::Exited { code: 0 | 1, .. }) {
        return seen;
    }
    let mut helpers: Vec<(String, String, String)> = Vec::new();
    for setting in settings.iter().filter(|setting| setting.key.ends_with(".helper")) {
        match setting.value.as_deref() {
            // An empty value forgets the helpers named before it.
            None | Some("") => helpers.retain(|(_, key, _)| *key != setting.key),
            Some(value) => helpers.push((value.to_owned(), setting.key.clone(), setting.file.clone())),
        }
    }
    seen.seen = Seen::Facts;
    seen.evidence.excerpt = String::new();
    seen.facts.insert("count".to_owned(), helpers.len().to_string());
    let lost = helpers.into_iter().find_map(|(value, key, file)| missing(ask, &value).map(|name| (name, key, file)));
    if let Some((name, key, file)) = lost {
        seen.facts.insert("helper".to_owned(), name);
        seen.facts.insert("key".to_owned(), key);
        seen.facts.insert("file".to_owned(), file);
        let there = |path: &&&str| ask.host.stat(path).kind == PathKind::File;
        if ask.host.platform().wsl > 0
            && let Some(path) = WINDOWS_MANAGER.iter().find(there)
        {
            seen.facts.insert("windows_manager".to_owned(), path.replace(' ', r"\ "));
        }
    }
    seen
}

/// The name of the program that a helper's value leads to, where there is no such program.
fn missing(ask: Ask<'_>, value: &str) -> Option<String> {
    let host = ask.host;
    let snippet = value.strip_prefix('!');
    let first = first_word(snippet.unwrap_or(value));
    if first.starts_with(['/', '~']) || first.get(1..2) == Some(":") {
        let path = expand(&first, host.home().as_deref());
        let there = host.stat(&path).kind == PathKind::File || !host.which(&path).is_empty();
        return (!there).then(|| tilde(ask, &first));
    }
    // A snippet of shell may be anything; only `!path …` was looked at.
    if snippet.is_some() || first.is_empty() {
        return None;
    }
    let program = format!("git-credential-{first}");
    if !host.which(&program).is_empty() || in_exec_path(ask, &program) {
        return None;
    }
    Some(first)
}

/// The first word of a shell command line, with quotes and backslashes understood.
fn first_word(line: &str) -> String {
    let mut word = String::new();
    let mut quote = None;
    let mut chars = line.trim().chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            // On Windows a backslash separates folders where no shell could mean it otherwise.
            (None | Some('"'), '\\') => match chars.next() {
                Some(next) if next.is_ascii_alphanumeric() => word.extend(['\\', next]),
                Some(next) => word.push(next),
                None => {}
            },
            (None, c) if c.is_whitespace() => break,
            (_, c) => word.push(c),
        }
    }
    word
}

/// Whether git has a program among its own.
fn in_exec_path(ask: Ask<'_>, name: &str) -> bool {
    let Some(git) = program::inspect(ask.host, "git").filter(|git| git.broken.is_none()) else { return false };
    let ran = ask.host.run(&Command::new(["git", "--exec-path"]).timeout(ask.timeout));
    let folder = ran.stdout.text().trim().to_owned();
    let windows = ask.host.platform().os == Os::Windows;
    let ending = if windows { ".exe" } else { "" };
    let mut places = vec![format!("{folder}/{name}{ending}")];
    if windows {
        // `…/mingw64/libexec/git-core`; git puts `…/mingw64/bin` on its own PATH.
        let root = folder.strip_suffix("/libexec/git-core").unwrap_or(&folder);
        places.push(format!("{root}/bin/{name}{ending}"));
    }
    !folder.is_empty()
        && !git.first.path.is_empty()
        && places.iter().any(|path| ask.host.stat(path).kind == PathKind::File)
}

#[cfg(test)]
mod tests {
    use super::first_word;

    #[test]
    fn the_first_word_ends_at_the_first_bare_blank() {
        assert_eq!(first_word(r"/mnt/c/Program\ Files/Git/gcm.exe get"), "/mnt/c/Program Files/Git/gcm.exe");
        assert_eq!(first_word("'C:/a b/gcm.exe' --x"), "C:/a b/gcm.exe");
        assert_eq!(first_word(r"C:\git\gcm.exe"), r"C:\git\gcm.exe");
        assert_eq!(first_word("cache --timeout=3600"), "cache");
    }
}
