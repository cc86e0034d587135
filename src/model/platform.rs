//! What machine this is: facts that choose the branch of a fix, with the evidence for each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The operating system family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Os {
    /// Linux, WSL included.
    Linux,
    /// macOS.
    Macos,
    /// Windows itself.
    Windows,
    /// Anything else: `doctor` says so and is never ready there.
    #[default]
    Other,
}

/// The program that lends root's rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Escalate {
    /// `sudo` is there.
    #[default]
    Sudo,
    /// Only `doas` is there, as on Alpine.
    Doas,
    /// Neither: an administrator must help.
    None,
}

/// What machine this is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Platform {
    /// The operating system.
    pub os: Os,
    /// The processor the program runs on, as Rust names it: `x86_64`, `aarch64`. Under Rosetta this is the emulated one.
    pub arch: String,
    /// The processor that is really there, where it differs from `arch`.
    pub hardware: String,
    /// Linux: the family whose package manager is used: `debian`, `fedora`, `arch`, `alpine`, `suse`; else empty.
    pub family: String,
    /// Linux: `ID` of os-release, such as `ubuntu`.
    pub distro: String,
    /// The version of the system: `VERSION_ID` of os-release, macOS `15.5`, Windows `10.0.26100`.
    pub version: String,
    /// The system's own name of itself, for people.
    pub name: String,
    /// WSL's generation when this runs inside WSL: 1 or 2; else 0.
    pub wsl: u8,
    /// The container runtime this runs in (`docker`, `podman`, `kubernetes`, …); else empty.
    pub container: String,
    /// Whether this user is root (or an elevated administrator).
    pub root: bool,
    /// How to become root.
    pub escalate: Escalate,
    /// The learner's login shell by name: `bash`, `zsh`, `fish`, `sh`, `powershell`; empty where unknown.
    pub shell: String,
    /// Whether systemd runs as process 1.
    pub systemd: bool,
    /// Today in UTC, `YYYY-MM-DD`; calendars are judged by it, so a replay judges as of its own day.
    pub today: String,
    /// Where the facts above come from, a line each, for people who doubt them.
    pub evidence: Vec<String>,
}

impl Platform {
    /// Whether a platform word of a check file applies here. `linux` includes WSL and containers.
    pub fn is(&self, word: &str) -> bool {
        match word {
            "any" => true,
            "linux" => self.os == Os::Linux,
            "macos" => self.os == Os::Macos,
            "windows" => self.os == Os::Windows,
            "wsl" => self.wsl > 0,
            "container" => !self.container.is_empty(),
            "macos-arm" => self.os == Os::Macos && self.hardware() == "aarch64",
            "macos-intel" => self.os == Os::Macos && self.hardware() != "aarch64",
            "ubuntu" => self.os == Os::Linux && UBUNTUS.contains(&self.distro.as_str()),
            family => self.os == Os::Linux && !family.is_empty() && self.family == family,
        }
    }

    /// The processor that is really there.
    pub fn hardware(&self) -> &str {
        if self.hardware.is_empty() { &self.arch } else { &self.hardware }
    }

    /// The words from the special to the general; fixes are looked up in this order.
    pub fn words(&self) -> impl Iterator<Item = &'static str> + '_ {
        WORDS.iter().copied().filter(|word| self.is(word))
    }

    /// A usual machine of another system, for a step that is to be carried out there.
    pub fn usual(word: &str) -> Option<Self> {
        let (os, family, shell) = match word {
            "windows" => (Os::Windows, "", "powershell"),
            "macos" | "macos-arm" | "macos-intel" => (Os::Macos, "", "zsh"),
            "wsl" | "linux" => (Os::Linux, "debian", "bash"),
            _ => return None,
        };
        Some(Self {
            os,
            family: family.to_owned(),
            shell: shell.to_owned(),
            arch: if word == "macos-intel" || os != Os::Macos { "x86_64" } else { "aarch64" }.to_owned(),
            wsl: if word == "wsl" { 2 } else { 0 },
            systemd: os == Os::Linux,
            ..Self::default()
        })
    }

    /// The start-up file to which a line for every new terminal is added, by shell and system alone; a probe that has
    /// read the learner's files knows better.
    pub fn rc(&self) -> &'static str {
        match (self.os, self.shell.as_str()) {
            (Os::Windows, _) => "$PROFILE",
            (Os::Macos, "bash") => "~/.bash_profile",
            (_, "bash") => "~/.bashrc",
            (_, "zsh") => "~/.zshrc",
            (_, "fish") => "~/.config/fish/config.fish",
            _ => "~/.profile",
        }
    }

    /// Which scope a report of this machine belongs to: one learner may have several.
    pub fn scope(&self) -> &'static str {
        match self.os {
            _ if !self.container.is_empty() => "container",
            Os::Linux if self.wsl > 0 => "wsl",
            Os::Linux => "linux",
            Os::Macos => "macos",
            Os::Windows => "windows",
            Os::Other => "other",
        }
    }
}

/// Ubuntu and what is built from its packages.
const UBUNTUS: &[&str] = &["ubuntu", "linuxmint", "pop", "elementary", "zorin", "neon", "tuxedo"];

/// Every platform word a check file may use, from the special to the general.
pub const WORDS: &[&str] = &[
    "container",
    "wsl",
    "ubuntu",
    "debian",
    "fedora",
    "arch",
    "alpine",
    "suse",
    "linux",
    "macos-arm",
    "macos-intel",
    "macos",
    "windows",
    "any",
];
