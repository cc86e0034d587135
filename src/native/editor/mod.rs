//! Probes of VS Code and Cursor: where they lie, whose their commands are, and which extensions they have. All is read
//! from files: starting an editor takes seconds, and in WSL its first start downloads a server.

mod command;
mod extensions;
mod places;

use super::{Ask, Native};
use crate::{
    host::Host,
    model::{Evidence, Observation, Os, Seen, Source},
};
use places::App;

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] =
    &[("editor-app", app), ("editor-command", command::command), ("editor-extensions", extensions::extensions)];

/// Looks for an editor. `with` names its places: `macos`, `windows`, `linux`, `wsl` (the Windows side) and `server` (what
/// it leaves on a machine that it is used on from afar), each separated by `|`. Facts: `version`, `app`, `side` (`here`,
/// `windows`, `server`), and `display` = `none` where somebody is logged in from afar to a machine without a screen.
fn app(ask: Ask<'_>) -> Observation {
    match places::find(ask) {
        Some(app) => describe(&app),
        None if no_display(ask.host) => {
            let evidence = Evidence { source: Source::File, ..Evidence::default() };
            Observation { seen: Seen::Facts, evidence, ..Observation::default() }.with("display", "none")
        }
        None => Observation::absent(),
    }
}

fn describe(app: &App) -> Observation {
    let mut seen = Observation::facts([("app", app.folder.as_str()), ("side", app.side)]);
    if let Some(version) = &app.version {
        seen = seen.with("version", version.clone());
    }
    seen.evidence.files.clone_from(&app.files);
    seen
}

/// Whether this is a session on a machine without a screen: a server, or a build machine.
fn no_display(host: &dyn Host) -> bool {
    let set = |name: &str| host.env(name).is_some();
    host.platform().os == Os::Linux
        && host.platform().wsl == 0
        && !set("DISPLAY")
        && !set("WAYLAND_DISPLAY")
        && (set("SSH_CONNECTION") || set("SSH_CLIENT") || set("CI"))
}
