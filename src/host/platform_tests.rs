//! Machines told apart, each by what it answers.

use std::collections::BTreeMap;

use super::*;

#[derive(Default)]
struct Fake {
    os: &'static str,
    arch: &'static str,
    files: BTreeMap<&'static str, &'static str>,
    paths: Vec<&'static str>,
    env: BTreeMap<&'static str, &'static str>,
    runs: Vec<(&'static str, &'static str)>,
    euid: Option<u32>,
}

impl World for Fake {
    fn read(&self, path: &str) -> Option<String> {
        self.files.get(path).map(|text| (*text).to_owned())
    }
    fn exists(&self, path: &str) -> bool {
        self.paths.contains(&path) || self.files.contains_key(path)
    }
    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).map(|value| (*value).to_owned())
    }
    fn run(&self, argv: &[&str]) -> Option<String> {
        let line = argv.join(" ");
        self.runs.iter().find(|(command, _)| *command == line).map(|(_, answer)| (*answer).to_owned())
    }
    fn euid(&self) -> Option<u32> {
        self.euid
    }
    fn now(&self) -> i64 {
        1_795_305_600 // 2026-11-22
    }
    fn os(&self) -> &str {
        self.os
    }
    fn arch(&self) -> &str {
        self.arch
    }
}

const UBUNTU: &str = "PRETTY_NAME=\"Ubuntu 24.04.3 LTS\"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n";
const WSL2: &str = "5.15.167.4-microsoft-standard-WSL2\n";

fn ubuntu() -> Fake {
    Fake {
        os: "linux",
        arch: "x86_64",
        files: [("/etc/os-release", UBUNTU), ("/proc/sys/kernel/osrelease", "6.8.0-31-generic\n")].into(),
        paths: vec!["/run/systemd/system", "/usr/bin/sudo"],
        env: [("SHELL", "/bin/bash"), ("PATH", "/usr/bin:/bin")].into(),
        euid: Some(1000),
        ..Fake::default()
    }
}

#[test]
fn a_usual_ubuntu() {
    let platform = detect(&ubuntu());
    assert_eq!((platform.os, platform.family.as_str(), platform.distro.as_str()), (Os::Linux, "debian", "ubuntu"));
    assert_eq!((platform.version.as_str(), platform.name.as_str()), ("24.04", "Ubuntu 24.04.3 LTS"));
    assert_eq!((platform.wsl, platform.container.as_str(), platform.root), (0, "", false));
    assert_eq!((platform.shell.as_str(), platform.escalate, platform.systemd), ("bash", Escalate::Sudo, true));
    assert_eq!(platform.today, "2026-11-22");
    assert!(platform.evidence.iter().any(|line| line.contains("ID `ubuntu`")), "{:?}", platform.evidence);
}

#[test]
fn wsl_is_told_by_kernel_and_signs() {
    let with = |kernel: &'static str, sign: bool| {
        let mut world = ubuntu();
        world.files.insert("/proc/sys/kernel/osrelease", kernel);
        if sign {
            world.env.insert("WSL_DISTRO_NAME", "Ubuntu");
        }
        detect(&world).wsl
    };
    assert_eq!(with("4.4.0-19041-Microsoft\n", true), 1);
    assert_eq!(with("4.19.104-microsoft-standard\n", true), 2);
    assert_eq!(with(WSL2, true), 2);
    assert_eq!(with(WSL2, false), 2, "after sudo or over ssh the variable is gone");
    assert_eq!(with("6.6.0-my-own\n", true), 2, "a kernel of one's own");
    assert_eq!(with("6.8.0-1021-azure\n", false), 0);
    let mut world = ubuntu();
    world.files.remove("/proc/sys/kernel/osrelease");
    world.files.insert("/proc/version", "Linux version 4.4.0-22621-Microsoft (Microsoft@Microsoft.com) (gcc 5.4.0)\n");
    assert_eq!(detect(&world).wsl, 1);
}

#[test]
fn a_container_on_wsls_kernel_is_a_container() {
    let mut world = ubuntu();
    world.files.insert("/proc/sys/kernel/osrelease", WSL2);
    world.paths = vec!["/.dockerenv"];
    world.euid = Some(0);
    let platform = detect(&world);
    assert_eq!((platform.wsl, platform.container.as_str(), platform.root), (0, "docker", true));
    assert_eq!(platform.escalate, Escalate::None);
}

#[test]
fn a_distribution_imported_from_an_image_is_wsl() {
    let mut world = ubuntu();
    world.files.insert("/proc/sys/kernel/osrelease", WSL2);
    world.files.insert("/proc/self/mounts", "/dev/sdc / ext4 rw,relatime 0 0\n");
    world.paths.push("/.dockerenv");
    world.env.insert("WSL_DISTRO_NAME", "Mine");
    let platform = detect(&world);
    assert_eq!((platform.wsl, platform.container.as_str()), (2, ""));
    world.files.insert("/proc/self/mounts", "overlay / overlay rw,lowerdir=/var/lib/docker/overlay2/l/X 0 0\n");
    let platform = detect(&world);
    assert_eq!((platform.wsl, platform.container.as_str()), (0, "docker"));
}

#[test]
fn containers_by_every_sign_and_machines_by_none() {
    let container = |change: fn(&mut Fake)| {
        let mut world = ubuntu();
        world.paths.clear();
        change(&mut world);
        detect(&world).container
    };
    assert_eq!(container(|w| w.paths.push("/run/.containerenv")), "podman");
    assert_eq!(
        container(|w| {
            w.env.insert("KUBERNETES_SERVICE_HOST", "10.0.0.1");
        }),
        "kubernetes"
    );
    assert_eq!(
        container(|w| {
            w.env.insert("container", "oci");
        }),
        "oci"
    );
    assert_eq!(
        container(|w| {
            w.files.insert("/proc/1/cgroup", "12:pids:/docker/0123abc\n");
        }),
        "docker"
    );
    assert_eq!(
        container(|w| {
            w.files.insert("/proc/1/cgroup", "1:name=systemd:/kubepods/pod1/x\n");
        }),
        "kubernetes"
    );
    assert_eq!(
        container(|w| {
            w.files.insert("/proc/1/cgroup", "0::/init.scope\n");
        }),
        ""
    );
    assert_eq!(
        container(|w| {
            w.files.insert("/proc/1/cgroup", "0::/\n");
        }),
        ""
    );
    const LAYERS: &str = "overlay / overlay rw,lowerdir=/var/lib/containerd/io.containerd.snapshotter.v1/1/fs 0 0\n";
    assert_eq!(
        container(|w| {
            w.files.insert("/proc/self/mounts", LAYERS);
        }),
        "containerd"
    );
}

#[test]
fn a_container_with_its_own_systemd_is_a_machine() {
    let mut world = ubuntu();
    world.files.insert("/run/systemd/container", "lxc\n");
    assert_eq!(detect(&world).container, "");
    world.paths.retain(|path| *path != "/run/systemd/system");
    assert_eq!(detect(&world).container, "lxc");
    let mut wsl = ubuntu();
    wsl.files.insert("/run/systemd/container", "wsl\n");
    wsl.files.insert("/proc/sys/kernel/osrelease", WSL2);
    assert_eq!((detect(&wsl).container, detect(&wsl).wsl), (String::new(), 2));
}

#[test]
fn images_have_no_family() {
    let mut world = ubuntu();
    world.files.insert("/etc/os-release", "ID=fedora\nVARIANT_ID=silverblue\nVERSION_ID=44\n");
    assert_eq!(detect(&world).family, "fedora");
    world.paths.push("/run/ostree-booted");
    assert_eq!((detect(&world).family, detect(&world).distro), (String::new(), "fedora".to_owned()));
}

#[test]
fn alpine_has_doas_and_its_shell_stands_in_passwd() {
    let mut world = ubuntu();
    world.files.insert("/etc/os-release", "ID=alpine\nVERSION_ID=3.24.0\nPRETTY_NAME=\"Alpine Linux v3.24\"\n");
    world.files.insert("/etc/passwd", "root:x:0:0:root:/root:/bin/ash\nada:x:1000:1000::/home/ada:/bin/zsh\n");
    world.paths = vec!["/usr/bin/doas"];
    world.env.remove("SHELL");
    let platform = detect(&world);
    assert_eq!((platform.family.as_str(), platform.shell.as_str()), ("alpine", "zsh"));
    assert_eq!((platform.escalate, platform.systemd), (Escalate::Doas, false));
}

fn mac() -> Fake {
    let plist = "<dict><key>ProductBuildVersion</key><string>25B78</string>\n<key>ProductVersion</key>\n\
                 <string>26.1</string></dict>";
    Fake {
        os: "macos",
        arch: "aarch64",
        files: [("/System/Library/CoreServices/SystemVersion.plist", plist)].into(),
        paths: vec!["/usr/bin/sudo"],
        env: [("SHELL", "/opt/homebrew/bin/fish")].into(),
        runs: vec![("/usr/sbin/sysctl -n hw.optional.arm64", "1\n")],
        euid: Some(501),
    }
}

#[test]
fn macs_and_rosetta() {
    let platform = detect(&mac());
    assert_eq!((platform.version.as_str(), platform.name.as_str()), ("26.1", "macOS 26.1"));
    assert_eq!((platform.hardware(), platform.hardware.as_str(), platform.shell.as_str()), ("aarch64", "", "fish"));
    let platform = detect(&Fake { arch: "x86_64", ..mac() });
    assert!(platform.is("macos-arm") && platform.hardware == "aarch64");
    let platform =
        detect(&Fake { arch: "x86_64", runs: vec![("/usr/sbin/sysctl -n hw.optional.arm64", "0\n")], ..mac() });
    assert!(platform.is("macos-intel"));
    let platform = detect(&Fake { env: BTreeMap::new(), ..mac() });
    assert_eq!(platform.shell, "zsh");
}

#[test]
fn windows_by_its_build() {
    let world =
        |answer| Fake { os: "windows", arch: "x86_64", runs: vec![("cmd.exe /d /c ver", answer)], ..Fake::default() };
    let platform = detect(&world("\r\nMicrosoft Windows [Version 10.0.26100.4652]\r\n"));
    assert_eq!((platform.version.as_str(), platform.name.as_str()), ("10.0.26100", "Windows 11"));
    assert_eq!((platform.shell.as_str(), platform.root), ("powershell", false));
    assert_eq!(detect(&world("Microsoft Windows [versi\u{fffd}n 10.0.19045.5011]")).name, "Windows 10");
    assert_eq!(detect(&world("")).name, "Windows");
    let mut arm = world("[Version 10.0.26100.1]");
    arm.env.insert("PROCESSOR_IDENTIFIER", "ARMv8 (64-bit) Family 8 Model 1 Revision 201, Qualcomm");
    assert_eq!(detect(&arm).hardware(), "aarch64");
}

#[test]
fn an_unknown_system_says_so() {
    let platform = detect(&Fake { os: "freebsd", arch: "x86_64", ..Fake::default() });
    assert_eq!(platform.os, Os::Other);
    assert!(platform.evidence[0].contains("freebsd"));
}

#[test]
fn a_linux_that_says_nothing_is_no_trouble() {
    let platform = detect(&Fake { os: "linux", arch: "riscv64", ..Fake::default() });
    assert_eq!((platform.os, platform.family.as_str(), platform.shell.as_str()), (Os::Linux, "", ""));
    assert_eq!(platform.escalate, Escalate::None);
}
