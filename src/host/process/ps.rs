//! The processes of a macOS machine, as its own `ps` lists them.

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
};

use super::{MARKER, tree::Process};

/// Whether this process may have left any child behind: always, as orphans cannot be adopted here.
pub fn has_children() -> bool {
    true
}

/// Every living process. `-E` shows the environment of this user's own programs behind their arguments.
pub fn processes() -> BTreeMap<i32, Process> {
    let mut command = Command::new("/bin/ps");
    command.args(["-A", "-E", "-ww", "-o", "pid=,ppid=,stat=,command="]).env("LC_ALL", "C");
    let Ok(output) = command.stdin(Stdio::null()).output() else { return BTreeMap::new() };
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(process).map(|process| (process.pid, process)).collect()
}

fn process(line: &str) -> Option<Process> {
    let mut fields = line.split_ascii_whitespace();
    let (pid, parent) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    if fields.next()?.starts_with('Z') {
        return None;
    }
    let marker = fields.find_map(|word| word.strip_prefix(MARKER)?.strip_prefix('=').map(str::to_owned));
    Some(Process { pid, parent, session: 0, marker })
}
