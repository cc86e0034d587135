//! What machine this is. A pure reading of what a [`World`] answers, so that every machine can be tried on any.

use super::{distro::Distro, file_name};
use crate::{
    calendar,
    model::{Os, Platform, platform::Escalate},
};

/// The few answers that telling machines apart needs. The real machine's are in [`super::machine`].
pub trait World {
    /// A small text file; nothing where it cannot be read.
    fn read(&self, path: &str) -> Option<String>;
    /// Whether something stands at a path.
    fn exists(&self, path: &str) -> bool;
    /// An environment variable that is set and not empty.
    fn env(&self, name: &str) -> Option<String>;
    /// What a command that takes no time prints, where it succeeds.
    fn run(&self, argv: &[&str]) -> Option<String>;
    /// The effective user's number; nothing on Windows.
    fn euid(&self) -> Option<u32>;
    /// Seconds since 1970.
    fn now(&self) -> i64;
    /// The operating system that this program was built for, as Rust names it.
    fn os(&self) -> &str {
        std::env::consts::OS
    }
    /// The processor that this program was built for, as Rust names it.
    fn arch(&self) -> &str {
        std::env::consts::ARCH
    }
}

/// Says what machine it is, and by what it is known.
pub fn detect(world: &dyn World) -> Platform {
    let mut platform = Platform {
        arch: world.arch().to_owned(),
        root: world.euid() == Some(0),
        today: calendar::date(world.now().div_euclid(86_400)),
        ..Platform::default()
    };
    match world.os() {
        "linux" => {
            platform.os = Os::Linux;
            linux(world, &mut platform);
        }
        "macos" => {
            platform.os = Os::Macos;
            macos(world, &mut platform);
        }
        "windows" => {
            platform.os = Os::Windows;
            windows(world, &mut platform);
        }
        other => say(&mut platform, format!("the operating system is {other}, which doctor does not know")),
    }
    if platform.os != Os::Windows {
        shell(world, &mut platform);
        escalate(world, &mut platform);
    }
    platform
}

fn say(platform: &mut Platform, line: impl Into<String>) {
    platform.evidence.push(line.into());
}

fn linux(world: &dyn World, platform: &mut Platform) {
    let files = ["/etc/os-release", "/usr/lib/os-release"];
    match files.iter().find_map(|file| Some((file, world.read(file)?))) {
        Some((file, text)) => {
            let distro = Distro::parse(&text);
            // An image that was booted refuses `dnf install`, whatever its os-release is like.
            let image = distro.is_image() || world.exists("/run/ostree-booted");
            let family = distro.family().filter(|_| !image).unwrap_or_default();
            let like = distro.like.join(" ");
            let as_image = if image { "; its system is an image" } else { "" };
            let so = if family.is_empty() { "no family that doctor knows" } else { family };
            say(platform, format!("{file} says ID `{}`, ID_LIKE `{like}`: {so}{as_image}", distro.id));
            family.clone_into(&mut platform.family);
            (platform.distro, platform.version, platform.name) = (distro.id, distro.version, distro.name);
        }
        None => say(platform, "there is no /etc/os-release, so the distribution is not known"),
    }
    platform.systemd = world.exists("/run/systemd/system");
    let runs = if platform.systemd { "exists: systemd runs" } else { "does not exist: systemd does not run" };
    say(platform, format!("/run/systemd/system {runs}"));
    container(world, platform);
    wsl(world, platform);
}

/// Sets the container runtime, where this is a container and no virtual or real machine.
fn container(world: &dyn World, platform: &mut Platform) {
    let Some((name, why)) = container_sign(world) else { return };
    // A machine in all but the kernel: it has its own systemd, and fixes for machines hold there (Crostini is one).
    if platform.systemd && matches!(name.as_str(), "lxc" | "lxd" | "incus" | "systemd-nspawn") {
        say(platform, format!("{why}, and systemd runs: a machine of its own"));
        return;
    }
    // `wsl --import` of an exported container keeps its /.dockerenv; a container's root is layered, WSL's is not.
    if in_wsl(world).is_some() && !layered_root(world) {
        say(platform, format!("{why}, but this is WSL: left over from a container image"));
        return;
    }
    say(platform, format!("{why}: a container ({name})"));
    platform.container = name;
}

fn container_sign(world: &dyn World) -> Option<(String, String)> {
    let sign = |name: &str, why: &str| Some((name.to_owned(), why.to_owned()));
    if world.env("KUBERNETES_SERVICE_HOST").is_some() {
        return sign("kubernetes", "KUBERNETES_SERVICE_HOST is set");
    }
    if world.exists("/run/.toolboxenv") {
        return sign("toolbox", "/run/.toolboxenv exists");
    }
    if world.exists("/run/.containerenv") {
        return sign("podman", "/run/.containerenv exists");
    }
    if world.exists("/.dockerenv") {
        return sign("docker", "/.dockerenv exists");
    }
    // systemd in WSL says `wsl` here, which is no container to us.
    let named = |name: String| {
        let name = name.trim().to_lowercase();
        (!name.is_empty() && name != "wsl" && !name.contains(char::is_whitespace)).then_some(name)
    };
    if let Some(name) = world.env("container").and_then(named) {
        return Some((name.clone(), format!("the environment says container={name}")));
    }
    if let Some(name) = world.read("/run/systemd/container").and_then(named) {
        return Some((name.clone(), format!("/run/systemd/container says {name}")));
    }
    let groups = world.read("/proc/1/cgroup").unwrap_or_default();
    let signs = [
        ("kubepods", "kubernetes"),
        ("/docker/", "docker"),
        ("/docker-", "docker"),
        ("/libpod", "podman"),
        ("/lxc/", "lxc"),
        ("/lxc.payload", "lxc"),
        ("/containerd", "containerd"),
        ("/buildkit", "docker"),
    ];
    if let Some((_, name)) = signs.iter().find(|(part, _)| groups.contains(part)) {
        return sign(name, "/proc/1/cgroup names a container");
    }
    let root = root_mount(world)?;
    let layers = [("/docker/", "docker"), ("/containers/storage/", "podman"), ("containerd", "containerd")];
    let (_, name) = layers.iter().find(|(part, _)| root.contains(part)).filter(|_| root.contains(" overlay "))?;
    sign(name, "the root file system is made of a container's layers")
}

/// The line of the mount table that is about `/`.
fn root_mount(world: &dyn World) -> Option<String> {
    let mounts = world.read("/proc/self/mounts")?;
    mounts.lines().find(|line| line.split(' ').nth(1) == Some("/")).map(str::to_owned)
}

fn layered_root(world: &dyn World) -> bool {
    root_mount(world).is_some_and(|line| line.split(' ').nth(2) == Some("overlay"))
}

/// What only a WSL distribution has: a container on Docker Desktop shares WSL's kernel, but not these.
fn in_wsl(world: &dyn World) -> Option<&'static str> {
    let set = ["WSL_DISTRO_NAME", "WSL_INTEROP"].into_iter().find(|name| world.env(name).is_some());
    set.or_else(|| ["/run/WSL", "/proc/sys/fs/binfmt_misc/WSLInterop"].into_iter().find(|path| world.exists(path)))
}

fn wsl(world: &dyn World, platform: &mut Platform) {
    let kernel = world.read("/proc/sys/kernel/osrelease").or_else(|| {
        let version = world.read("/proc/version")?;
        version.split_whitespace().nth(2).map(str::to_owned)
    });
    let kernel = kernel.unwrap_or_default().trim().to_owned();
    let microsoft = kernel.to_ascii_lowercase().contains("microsoft");
    if !platform.container.is_empty() {
        if microsoft {
            say(platform, format!("the kernel is {kernel}, but a container on it is not WSL"));
        }
        return;
    }
    let sign = in_wsl(world);
    if !microsoft && sign.is_none() {
        return;
    }
    // WSL 1 has no Linux kernel: it plays one whose name ends in this, with a capital M. WSL 2 may have any kernel.
    platform.wsl = if kernel.ends_with("-Microsoft") { 1 } else { 2 };
    let sign = sign.map(|sign| format!(", and there is {sign}")).unwrap_or_default();
    say(platform, format!("the kernel is {kernel}{sign}: WSL {}", platform.wsl));
}

fn macos(world: &dyn World, platform: &mut Platform) {
    let file = "/System/Library/CoreServices/SystemVersion.plist";
    let version = world.read(file).and_then(|text| {
        let (_, rest) = text.split_once("<key>ProductVersion</key>")?;
        let (_, rest) = rest.split_once("<string>")?;
        rest.split_once("</string>").map(|(version, _)| version.trim().to_owned())
    });
    match version {
        Some(version) => {
            say(platform, format!("{file} says {version}"));
            platform.name = format!("macOS {version}");
            platform.version = version;
        }
        None => {
            say(platform, format!("{file} could not be read"));
            platform.name = "macOS".to_owned();
        }
    }
    if platform.arch == "x86_64" {
        let arm = world.run(&["/usr/sbin/sysctl", "-n", "hw.optional.arm64"]);
        if arm.is_some_and(|answer| answer.trim() == "1") {
            say(platform, "sysctl hw.optional.arm64 is 1: Apple silicon, and doctor runs under Rosetta");
            platform.hardware = "aarch64".to_owned();
        }
    }
}

fn windows(world: &dyn World, platform: &mut Platform) {
    platform.shell = "powershell".to_owned();
    let answer = world.run(&["cmd.exe", "/d", "/c", "ver"]).unwrap_or_default();
    // `Microsoft Windows [Version 10.0.26100.4652]`; the word is translated and its letters may be garbled.
    let version = answer
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .find(|word| word.split('.').filter(|part| !part.is_empty()).count() >= 3);
    match version.map(|version| version.split('.').collect::<Vec<_>>()) {
        Some(parts) => {
            platform.version = parts[..3].join(".");
            let build = parts[2].parse::<u32>().unwrap_or(0);
            let name = if build >= 22_000 { "Windows 11" } else { "Windows 10" };
            platform.name = if parts[0] == "10" { name.to_owned() } else { "Windows".to_owned() };
            say(platform, format!("`ver` says {}", parts.join(".")));
        }
        None => {
            platform.name = "Windows".to_owned();
            say(platform, "`ver` did not say which Windows this is");
        }
    }
    // A program for x86-64 runs on ARM too; this variable still tells the real processor.
    let real = world.env("PROCESSOR_IDENTIFIER").unwrap_or_default();
    if platform.arch == "x86_64" && real.starts_with("ARM") {
        say(platform, format!("PROCESSOR_IDENTIFIER is {real}: doctor runs emulated"));
        platform.hardware = "aarch64".to_owned();
    }
}

/// The login shell: what the login set in the environment, else what the user database says.
fn shell(world: &dyn World, platform: &mut Platform) {
    if let Some(path) = world.env("SHELL") {
        say(platform, format!("SHELL is {path}"));
        file_name(&path).clone_into(&mut platform.shell);
        return;
    }
    let user = world.euid().map(|uid| uid.to_string());
    let passwd = world.read("/etc/passwd").unwrap_or_default();
    let entry = passwd
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.len() >= 7 && user.as_deref() == Some(fields[2]));
    match entry.map(|fields| fields[6].trim().to_owned()).filter(|path| !path.is_empty()) {
        Some(path) => {
            say(platform, format!("SHELL is not set, and /etc/passwd says {path}"));
            file_name(&path).clone_into(&mut platform.shell);
        }
        // A Mac's users are not in /etc/passwd, and zsh is what each gets.
        None if platform.os == Os::Macos => {
            say(platform, "SHELL is not set; zsh is every Mac's login shell");
            platform.shell = "zsh".to_owned();
        }
        None => say(platform, "SHELL is not set, and /etc/passwd names none"),
    }
}

fn escalate(world: &dyn World, platform: &mut Platform) {
    let path = world.env("PATH").unwrap_or_default();
    let usual = ["/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin"];
    let folders: Vec<&str> = path.split(':').filter(|folder| folder.starts_with('/')).chain(usual).collect();
    let has = |name: &str| {
        folders.iter().map(|folder| format!("{}/{name}", folder.trim_end_matches('/'))).find(|file| world.exists(file))
    };
    (platform.escalate, _) = match (has("sudo"), has("doas")) {
        (Some(file), _) => (Escalate::Sudo, say(platform, format!("{file} is there"))),
        (None, Some(file)) => (Escalate::Doas, say(platform, format!("{file} is there, and no sudo"))),
        (None, None) => (Escalate::None, say(platform, "neither sudo nor doas is there")),
    };
}

#[cfg(test)]
#[path = "platform_tests.rs"]
mod tests;
