//! The truth about the login shell: run it once and ask. It takes a tenth of a second or more, so the files are read
//! first, and only a "no" from them is confirmed here.

use std::time::Duration;

use super::startup::shell_name;
use crate::{
    host::{Command, Host, file_name},
    model::{Evidence, Observation, Seen},
    native::program,
};

/// Stands before the answer, because start-up files may print things of their own.
const MARK: &str = ":doctor:";

/// PATH before any start-up file is read.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The shell's path: `$SHELL`, or the shell of that name on PATH.
pub fn shell_path(host: &dyn Host) -> Option<String> {
    let name = shell_name(host);
    let of = |path: &String| file_name(path) == name || name == "sh";
    host.env("SHELL").filter(of).or_else(|| host.which(&name).first().map(|found| found.path.clone()))
}

/// The words that [`ask_login_shell`] gives to the shell.
pub fn script(words: &str) -> String {
    format!("echo; echo {MARK}; {words}")
}

/// Runs words (valid in sh, bash, zsh and fish alike) in the learner's login shell, interactive and with its start-up
/// files, without a terminal; what those files print is cut off. Absent where there is no such shell.
pub fn ask_login_shell(host: &dyn Host, words: &str, timeout: Option<Duration>) -> Observation {
    let Some(shell) = shell_path(host) else { return Observation::absent() };
    let argv = [shell, "-lic".to_owned(), script(words)];
    let mut seen =
        Observation { evidence: Evidence { argv: argv.to_vec(), ..Evidence::default() }, ..Observation::default() };
    // Nothing of this shell's is to be remembered, updated, asked or waited for. PATH starts as a new terminal's does,
    // or what this terminal alone has would be handed down; a container's is part of its image.
    let mut command = Command::new(argv);
    if host.platform().container.is_empty() {
        command = command.env("PATH", PATH);
    }
    let command = command
        .env("HISTFILE", "")
        .env("fish_history", "")
        .env("DISABLE_AUTO_UPDATE", "true")
        .env("POWERLEVEL9K_DISABLE_CONFIGURATION_WIZARD", "true")
        .env("PYENV_REHASH_TIMEOUT", "1")
        .timeout(timeout);
    program::record(host.run(&command), &mut seen);
    if let Seen::Exited { stdout, .. } | Seen::Signal { stdout, .. } | Seen::TimedOut { stdout, .. } = &mut seen.seen {
        *stdout = match stdout.split_once(&format!("{MARK}\n")) {
            Some((_, answer)) => answer.to_owned(),
            None => String::new(),
        };
    }
    seen.evidence.excerpt = program::excerpt(&seen.seen);
    seen
}

/// Whether the shell came so far as to answer at all.
pub fn answered(seen: &Observation) -> bool {
    matches!(&seen.seen, Seen::Exited { stdout, code, .. } if *code == 0 || !stdout.is_empty())
}
