//! Docker's own configuration file: valid, readable, and naming only programs that are there.

use serde_json::Value;

use super::exists;
use crate::{
    host::Host,
    model::{
        Observation, Os, Seen,
        seen::{PathKind, View},
    },
    native::Ask,
};

/// What of config.json is let out: never its logins.
pub const VIEW: View = View::Json(&["credsStore", "credHelpers", "currentContext", "cliPluginsExtraDirs"]);

/// Docker's configuration folder, where there is a home for one.
pub fn folder(host: &dyn Host) -> Option<String> {
    host.env("DOCKER_CONFIG").or_else(|| Some(format!("{}/.docker", host.home()?)))
}

/// Reads config.json. Facts: `state` (`none`, `valid`, `invalid`), `path`, and where a program is missing that it names
/// for passwords `helper` and `key` (the setting that names it); `helper_windows` where that is a program of Windows.
pub fn config(ask: Ask<'_>) -> Observation {
    let host = ask.host;
    let Some(folder) = folder(host) else { return Observation::facts([("state", "none")]) };
    let path = format!("{folder}/config.json");
    let file = host.read(&path, VIEW);
    let (dir, own) = (host.stat(&folder), host.stat(&path));
    let mut seen = match (file.kind, file.text()) {
        (PathKind::Missing, _) if dir.kind == PathKind::Denied => denied("permission denied"),
        (PathKind::Missing, _) => Observation::facts([("state", "none")]),
        (PathKind::Denied, _) => denied("permission denied"),
        (PathKind::Dangling, _) => Observation::facts([("state", "dangling")]),
        // The client takes an empty file for an empty configuration.
        (PathKind::File, _) if own.size == Some(0) => Observation::facts([("state", "valid")]),
        // The host says where JSON goes wrong in place of its text.
        (PathKind::File, None) if file.error.starts_with("line ") => {
            Observation::facts([("state", "invalid"), ("place", file.error.as_str())])
        }
        (_, Some(text)) => judge(host, &text),
        (_, None) => denied(&file.error),
    };
    seen.evidence.files = vec![path.clone()];
    seen.with("path", path).with("folder", folder)
}

fn denied(why: &str) -> Observation {
    let why = if why.is_empty() { "it is not a file" } else { why };
    Observation { seen: Seen::Unreadable(why.to_owned()), ..Observation::default() }
}

fn judge(host: &dyn Host, text: &str) -> Observation {
    let Ok(config) = serde_json::from_str::<Value>(text) else { return Observation::facts([("state", "invalid")]) };
    let mut seen = Observation::facts([("state", "valid")]);
    let store = config.get("credsStore").and_then(Value::as_str).map(|name| ("credsStore", name));
    let others = config.get("credHelpers").and_then(Value::as_object).into_iter().flatten();
    let others = others.filter_map(|(_, name)| Some(("credHelpers", name.as_str()?)));
    // Names below `credHelpers` are hidden by the host unless a recording was written by hand.
    for (key, name) in store.into_iter().chain(others).filter(|(_, name)| !name.is_empty() && *name != "<set>") {
        let program = format!("docker-credential-{name}");
        let found = host.which(&program);
        let windows = host.platform().wsl > 0 && name.ends_with(".exe");
        // Windows programs start from WSL only while this entry is registered.
        let asleep = windows && !exists(host, "/proc/sys/fs/binfmt_misc/WSLInterop") && !late_interop(host);
        let unusable = found.first().is_none_or(|first| first.broken.is_some());
        if unusable || asleep {
            seen = seen.with("key", key).with("helper", program);
            if windows || host.platform().os == Os::Windows {
                seen = seen.with("helper_windows", if unusable { "missing" } else { "interop" });
            }
            break;
        }
    }
    seen
}

/// Newer WSL registers its programs under another name when systemd runs.
fn late_interop(host: &dyn Host) -> bool {
    exists(host, "/proc/sys/fs/binfmt_misc/WSLInterop-late")
}
