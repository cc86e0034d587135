//! The processes of a Linux machine, from `/proc`.

use std::{collections::BTreeMap, fs};

use rustix::process::{WaitId, WaitIdOptions, getpid, set_child_subreaper, waitid};

use super::{MARKER, tree::Process};

/// Processes that lose their parent become this process's children instead of process 1's, where they can be found.
pub fn adopt_orphans() {
    let _ = set_child_subreaper(Some(getpid()));
}

/// Whether this process has any child, dead or alive. As it adopts orphans, no child means that nobody is left.
pub fn has_children() -> bool {
    let flags = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::All, flags).is_ok()
}

/// Every living process.
pub fn processes() -> BTreeMap<i32, Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return BTreeMap::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid| Some((pid, process(pid)?))).collect()
}

fn process(pid: i32) -> Option<Process> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold spaces and parentheses of its own.
    let after = stat.iter().rposition(|byte| *byte == b')')? + 1;
    let rest = std::str::from_utf8(&stat[after..]).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    Some(Process { pid, parent, session, marker: marker(pid) })
}

fn marker(pid: i32) -> Option<String> {
    let environ = fs::read(format!("/proc/{pid}/environ")).ok()?;
    environ.split(|byte| *byte == 0).find_map(|entry| {
        let value = entry.strip_prefix(MARKER.as_bytes())?.strip_prefix(b"=")?;
        String::from_utf8(value.to_vec()).ok()
    })
}
