//! What several tests share.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

pub mod cases;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use doctor::{
    catalog::Catalog,
    model::{Os, Platform},
};

/// A machine of every kind that a fix is looked up for.
pub const MACHINES: &[&str] = &[
    "ubuntu",
    "debian",
    "fedora",
    "arch",
    "alpine",
    "suse",
    "container",
    "wsl",
    "macos-arm",
    "macos-intel",
    "windows",
];

/// A folder of the project.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The `*.toml` files of a folder: stem and text.
pub fn toml_files(name: &str) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// The catalogue as it lies in `checks/` now, looked through as strictly as an author's own.
pub fn catalog() -> Catalog {
    Catalog::from_files(toml_files("checks")).unwrap_or_else(|error| panic!("checks/{error}"))
}

/// The day on which cases are judged where they name none.
pub const TODAY: &str = "2026-11-22";

/// A usual machine of a platform word.
pub fn platform(word: &str) -> Platform {
    let linux = |family: &str, distro: &str, version: &str| Platform {
        os: Os::Linux,
        arch: "x86_64".into(),
        family: family.into(),
        distro: distro.into(),
        version: version.into(),
        shell: "bash".into(),
        systemd: true,
        today: TODAY.into(),
        ..Platform::default()
    };
    let mac = |arch: &str| Platform {
        os: Os::Macos,
        arch: arch.into(),
        version: "26.1".into(),
        shell: "zsh".into(),
        today: TODAY.into(),
        ..Platform::default()
    };
    match word {
        "linux" | "any" | "ubuntu" => linux("debian", "ubuntu", "24.04"),
        "debian" => linux("debian", "debian", "13"),
        "fedora" => linux("fedora", "fedora", "44"),
        "arch" => linux("arch", "arch", ""),
        "alpine" => Platform { shell: "sh".into(), systemd: false, ..linux("alpine", "alpine", "3.24.0") },
        "suse" => linux("suse", "opensuse-tumbleweed", "20261101"),
        "container" => {
            Platform { container: "docker".into(), root: true, systemd: false, ..linux("debian", "debian", "13") }
        }
        "wsl" => Platform { wsl: 2, ..linux("debian", "ubuntu", "24.04") },
        "macos" | "macos-arm" => mac("aarch64"),
        "macos-intel" => mac("x86_64"),
        "windows" => Platform {
            os: Os::Windows,
            arch: "x86_64".into(),
            version: "10.0.26100".into(),
            shell: "powershell".into(),
            today: TODAY.into(),
            ..Platform::default()
        },
        other => panic!("no machine for the platform word `{other}`"),
    }
}

/// Compares text with a committed file; `UPDATE=1` in the environment rewrites the file instead.
pub fn snapshot(file: &str, text: &str) {
    let path = folder(file);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let known = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if known == text {
        return;
    }
    let (new, old): (Vec<&str>, Vec<&str>) = (text.lines().collect(), known.lines().collect());
    let added: Vec<String> = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}")).collect();
    let gone: Vec<String> = old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}")).collect();
    panic!("{file} has changed; UPDATE=1 accepts it:\n{}\n{}", added.join("\n"), gone.join("\n"));
}
