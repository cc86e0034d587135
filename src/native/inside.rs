//! Probes from inside WSL: generation, systemd, drives, interop.

use super::{Ask, Native, program};
use crate::{
    host::{Command, Host},
    model::{
        Observation, Source,
        seen::{PathKind, View},
    },
};

/// The probes of this file by the names check files use.
pub const PROBES: &[(&str, Native)] = &[
    ("wsl-generation", generation),
    ("wsl-systemd", systemd),
    ("wsl-home", home),
    ("wsl-folder", folder),
    ("wsl-interop", interop),
    ("wsl-shadowing", shadowing),
];

const CONF: &str = "/etc/wsl.conf";

/// `/etc/wsl.conf`, read; of a key that stands twice the last one counts.
#[derive(Debug, Default)]
pub struct Conf {
    text: String,
}

impl Conf {
    /// Reads it; nothing where there is none.
    pub fn read(host: &dyn Host) -> Self {
        Self { text: host.read(CONF, View::Whole).text().unwrap_or_default() }
    }

    fn lines(&self) -> impl Iterator<Item = (String, &str)> {
        let mut section = String::new();
        self.text.lines().filter_map(move |line| {
            let line = line.split('#').next().unwrap_or_default().trim();
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']').trim().to_ascii_lowercase();
                return Some((section.clone(), ""));
            }
            (!line.is_empty()).then(|| (section.clone(), line))
        })
    }

    /// The value of a key of a section, without quotes.
    pub fn get(&self, section: &str, key: &str) -> Option<String> {
        let value = |(of, line): (String, &str)| {
            let (name, value) = line.split_once('=')?;
            let wanted = of == section && name.trim().eq_ignore_ascii_case(key);
            wanted.then(|| value.trim().trim_matches('"').to_owned())
        };
        self.lines().filter_map(value).last()
    }

    /// Whether a section is there, empty or not.
    fn has(&self, section: &str) -> bool {
        self.lines().any(|(of, _)| of == section)
    }

    /// `on`, `off`, `section` (the section is there, the key is not) or `none`.
    fn switch(&self, section: &str, key: &str) -> &'static str {
        match self.get(section, key).map(|value| value.to_ascii_lowercase()).as_deref() {
            Some("true" | "1") => "on",
            Some(_) => "off",
            None if self.has(section) => "section",
            None => "none",
        }
    }

    /// The folder below which Windows drives are mounted, with a slash at its end.
    pub fn drives(&self) -> String {
        let root = self.get("automount", "root").filter(|root| root.starts_with('/'));
        format!("{}/", root.as_deref().unwrap_or("/mnt").trim_end_matches('/'))
    }
}

/// Whether a path lies on a Windows drive that is mounted below `drives`: `/mnt/c`, `/mnt/c/Users`.
pub fn on_drive(path: &str, drives: &str) -> bool {
    let mut rest = path.strip_prefix(drives).unwrap_or_default().chars();
    rest.next().is_some_and(|c| c.is_ascii_alphabetic()) && rest.next().is_none_or(|c| c == '/')
}

fn from_files(facts: impl IntoIterator<Item = (&'static str, String)>, files: &[&str]) -> Observation {
    let mut seen = Observation::facts(facts.into_iter().filter(|(_, value)| !value.is_empty()));
    seen.evidence.files = files.iter().map(|file| (*file).to_owned()).collect();
    seen
}

/// The distribution's name as `wsl -l` has it. The variable is gone under sudo; images mostly have the plain name.
fn distribution(host: &dyn Host) -> String {
    host.env("WSL_DISTRO_NAME").unwrap_or_else(|| match host.platform().distro.as_str() {
        "debian" => "Debian".to_owned(),
        "fedora" => "FedoraLinux".to_owned(),
        "arch" => "archlinux".to_owned(),
        "kali" => "kali-linux".to_owned(),
        "alpine" => "Alpine".to_owned(),
        _ => "Ubuntu".to_owned(),
    })
}

/// Facts `generation` (1 or 2) and `distribution`. Kernels of a learner's own may lack the mark; then what the
/// platform found by other signs counts.
fn generation(ask: Ask<'_>) -> Observation {
    const FILES: [&str; 2] = ["/proc/sys/kernel/osrelease", "/proc/version"];
    let text = FILES.iter().find_map(|file| ask.host.read(file, View::Whole).text()).unwrap_or_default();
    let generation = if text.contains("WSL2") || text.contains("microsoft-standard") {
        2
    } else if text.contains("Microsoft") {
        1
    } else {
        ask.host.platform().wsl
    };
    from_files([("generation", generation.to_string()), ("distribution", distribution(ask.host))], &FILES)
}

/// Facts `running` (yes, no) and `conf` (`on`, `off`, `section`, `none`).
fn systemd(ask: Ask<'_>) -> Observation {
    let running = ask.host.platform().systemd || ask.host.stat("/run/systemd/system").kind == PathKind::Dir;
    let conf = Conf::read(ask.host);
    let facts = [
        ("running", if running { "yes" } else { "no" }.to_owned()),
        ("conf", conf.switch("boot", "systemd").to_owned()),
        ("family", ask.host.platform().family.clone()),
    ];
    from_files(facts, &["/run/systemd/system", CONF])
}

/// Fact `drive`: whether the home folder lies on a Windows drive, by its path or by its file system's kind.
fn home(ask: Ask<'_>) -> Observation {
    let Some(home) = ask.host.home() else { return Observation::absent() };
    let argv = ["stat", "-f", "-c", "%T", &home].map(str::to_owned);
    let ran = ask.host.run(&Command::new(argv.clone()).timeout(ask.timeout));
    let kind = ran.stdout.text().trim().to_owned();
    let drive = on_drive(&home, &Conf::read(ask.host).drives()) || matches!(kind.as_str(), "v9fs" | "9p" | "drvfs");
    let mut seen = from_files([("drive", if drive { "yes" } else { "no" }.to_owned()), ("kind", kind)], &[CONF]);
    seen.evidence.argv = argv.to_vec();
    seen.evidence.ms = ran.ms;
    seen.evidence.source = Source::Command;
    seen
}

/// Fact `drive`: whether the folder doctor was started in lies on a Windows drive; `folder` is its path.
fn folder(ask: Ask<'_>) -> Observation {
    let folder = ask.host.env("PWD").unwrap_or_default();
    let drive = on_drive(&folder, &Conf::read(ask.host).drives()) || program::is_windows_path(&format!("{folder}/"));
    from_files([("drive", if drive { "yes" } else { "no" }.to_owned()), ("folder", folder)], &[CONF])
}

/// Facts `state` (`enabled`, `disabled`, `missing`) and `conf`. With systemd the entry may be named `-late`.
fn interop(ask: Ask<'_>) -> Observation {
    const FILES: [&str; 2] = ["/proc/sys/fs/binfmt_misc/WSLInterop", "/proc/sys/fs/binfmt_misc/WSLInterop-late"];
    let texts: Vec<String> = FILES.iter().filter_map(|file| ask.host.read(file, View::Whole).text()).collect();
    let state = match texts.as_slice() {
        [] => "missing",
        texts if texts.iter().any(|text| text.starts_with("enabled")) => "enabled",
        _ => "disabled",
    };
    let conf = Conf::read(ask.host).switch("interop", "enabled");
    from_files([("state", state.to_owned()), ("conf", conf.to_owned())], &[FILES[0], CONF])
}

/// Tools of the chapter whose Windows programs are found in WSL under the same name.
const TOOLS: &[&str] = &["git", "python3", "pyenv", "uv", "node", "npm", "pnpm", "go", "docker", "aws", "gcloud", "az"];

/// Facts `names` (tools for which a Windows program comes before a Linux one) and, of the first of them, `windows`,
/// `linux` and the Windows program's `folder`.
fn shadowing(ask: Ask<'_>) -> Observation {
    let drives = Conf::read(ask.host).drives();
    let windows = |path: &str| on_drive(path, &drives) || program::is_windows_path(path);
    let mut names = Vec::new();
    let mut first = None;
    for tool in TOOLS {
        let found = ask.host.which(tool);
        let Some(winner) = found.first().filter(|winner| windows(&winner.path)) else { continue };
        if let Some(hidden) = found.iter().find(|candidate| !windows(&candidate.path)) {
            names.push(*tool);
            first.get_or_insert_with(|| (winner.path.clone(), hidden.path.clone()));
        }
    }
    let (windows, linux) = first.unwrap_or_default();
    let folder = crate::host::parent(&windows).to_owned();
    let mut facts = vec![("names", names.join(", ")), ("windows", windows), ("linux", linux)];
    if !folder.is_empty()
        && let Some(place) = super::shell::startup(ask.host).path_has(&folder)
    {
        facts.extend([("file", place.file.clone()), ("line_number", place.line.to_string())]);
    }
    facts.push(("folder", folder));
    from_files(facts, &[CONF])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wsl_conf_is_read_as_wsl_does() {
        let text =
            "# [boot]\n[automount]\nroot = /windir/ # x\n[BOOT]\nSystemd=false\n[boot]\nsystemd=true\n[interop]\n";
        let conf = Conf { text: text.to_owned() };
        assert_eq!(conf.drives(), "/windir/");
        assert_eq!(conf.switch("boot", "systemd"), "on");
        assert_eq!(conf.switch("interop", "enabled"), "section");
        assert_eq!(conf.switch("user", "default"), "none");
        assert_eq!(Conf::default().drives(), "/mnt/");
        assert_eq!(Conf { text: "[automount]\nroot=/\n".to_owned() }.drives(), "/");
    }

    #[test]
    fn drives_are_told_from_folders() {
        assert!(on_drive("/mnt/c", "/mnt/") && on_drive("/mnt/d/code", "/mnt/") && on_drive("/c/Users", "/"));
        assert!(!on_drive("/mnt/wsl/x", "/mnt/") && !on_drive("/home/c/x", "/mnt/") && !on_drive("/home/x", "/"));
    }
}
