//! Whose program an editor's command is.

use super::places;
use crate::{
    host::Command,
    model::{Observation, Os, Seen, Source, seen::View},
    native::{
        Ask,
        program::{self, is_windows_path},
    },
};

/// Looks at the command `with.command`. It is run only where `--deep` asks for that and nothing can come of it: not as
/// root, which the launcher refuses, and not in WSL, where the first start downloads a server.
/// Facts: those of a program; `owner` (`vscode`, `cursor`, `remote`, `linux-in-wsl`); `bin` (the command in the app's own
/// folder), `bin_folder`, `side`; `append` = `off` where WSL is told to leave Windows' PATH out.
pub fn command(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let name = ask.word("command");
    let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
    seen.evidence.source = Source::File;
    let app = places::find(ask);
    if let Some(app) = &app {
        let file = if host.platform().os == Os::Windows { format!("{name}.cmd") } else { name.to_owned() };
        seen = seen.with("app", app.folder.clone()).with("side", app.side);
        if !app.bin.is_empty() {
            seen = seen
                .with("bin", format!("{}/{file}", app.bin))
                .with("bin_folder", app.bin.replace('/', separator(ask)));
        }
        if let Some(version) = &app.version {
            seen = seen.with("version", version.clone());
        }
    }
    let Some(found) = program::inspect(host, name) else {
        seen.seen = Seen::Absent;
        let conf = host.read("/etc/wsl.conf", View::Keys(&["appendWindowsPath"])).text().unwrap_or_default();
        let off = conf.lines().any(|line| {
            line.split_once('=').is_some_and(|(key, value)| {
                key.trim().eq_ignore_ascii_case("appendWindowsPath") && value.trim().eq_ignore_ascii_case("false")
            })
        });
        return if off { seen.with("append", "off") } else { seen };
    };
    program::describe(&found, &mut seen);
    let wsl = host.platform().wsl > 0;
    let paths = format!("{} {}", found.first.path, found.first.real()).to_ascii_lowercase().replace('\\', "/");
    let owner = if paths.contains("/remote-cli/") || paths.contains("-server/") {
        "remote"
    } else if paths.contains("cursor") {
        "cursor"
    } else if wsl && !is_windows_path(&found.first.path) && !is_windows_path(found.first.real()) {
        "linux-in-wsl"
    } else {
        "vscode"
    };
    seen = seen.with("owner", owner);
    let windows = found.kind == program::Kind::Windows;
    if let Some(why) = found.broken.filter(|_| !windows) {
        seen.seen = Seen::Broken(why);
    } else if ask.deep && !wsl && owner != "remote" && !host.platform().root {
        let argv = [name, "--version"].map(str::to_owned);
        seen.evidence.argv = argv.to_vec();
        let command = Command::new(argv).env("DONT_PROMPT_WSL_INSTALL", "1").timeout(ask.timeout);
        program::record(host.run(&command), &mut seen);
    }
    seen
}

fn separator(ask: Ask<'_>) -> &'static str {
    if ask.host.platform().os == Os::Windows { "\\" } else { "/" }
}
