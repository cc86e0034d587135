//! Which Linux distribution this is, by os-release, and whose package manager and package names it uses.

use std::collections::BTreeMap;

/// What os-release says of a distribution.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Distro {
    /// `ID`: `ubuntu`.
    pub id: String,
    /// `ID_LIKE`, word by word.
    pub like: Vec<String>,
    /// `VERSION_ID`; empty for rolling ones.
    pub version: String,
    /// `PRETTY_NAME`, for people.
    pub name: String,
}

/// Distributions by the family whose packages they use. Where `ID_LIKE` would tell too, naming them still helps
/// against derivatives that leave it out.
const FAMILIES: &[(&str, &[&str])] = &[
    (
        "debian",
        &[
            "debian",
            "ubuntu",
            "linuxmint",
            "lmde",
            "pop",
            "kali",
            "raspbian",
            "elementary",
            "zorin",
            "neon",
            "mx",
            "devuan",
            "deepin",
            "parrot",
            "tuxedo",
            "pureos",
            "trisquel",
            "peppermint",
            "bodhi",
            "antix",
            "siduction",
            "rhino",
            "uos",
            "osmc",
        ],
    ),
    (
        "fedora",
        &[
            "fedora",
            "fedora-asahi-remix",
            "rhel",
            "centos",
            "rocky",
            "almalinux",
            "ol",
            "amzn",
            "scientific",
            "eurolinux",
            "nobara",
            "ultramarine",
            "qubes",
            "anolis",
            "openeuler",
            "virtuozzo",
            "circle",
        ],
    ),
    (
        "arch",
        &[
            "arch",
            "archarm",
            "manjaro",
            "manjaro-arm",
            "endeavouros",
            "garuda",
            "artix",
            "cachyos",
            "arcolinux",
            "archcraft",
            "blackarch",
            "rebornos",
            "biglinux",
        ],
    ),
    ("alpine", &["alpine", "postmarketos"]),
    (
        "suse",
        &[
            "suse",
            "opensuse",
            "opensuse-leap",
            "opensuse-tumbleweed",
            "opensuse-slowroll",
            "sles",
            "sled",
            "sles_sap",
            "sle_hpc",
        ],
    ),
];

/// Distributions whose system is an image: the family's package manager is there or nearly, but refuses to install.
const IMAGES: &[&str] = &[
    "steamos",
    "endless",
    "ubuntu-core",
    "opensuse-microos",
    "opensuse-aeon",
    "opensuse-kalpa",
    "opensuse-leap-micro",
    "sle-micro",
    "sl-micro",
    "bazzite",
    "bluefin",
    "aurora",
    "silverblue",
    "kinoite",
    "flatcar",
];

impl Distro {
    /// Reads os-release text: shell assignments, quoted or not.
    pub fn parse(text: &str) -> Self {
        let values: BTreeMap<&str, String> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.trim(), unquoted(value)))
            .collect();
        let value = |name: &str| values.get(name).cloned().unwrap_or_default();
        Self {
            id: value("ID").to_lowercase(),
            like: value("ID_LIKE").to_lowercase().split_whitespace().map(str::to_owned).collect(),
            version: value("VERSION_ID"),
            name: if value("PRETTY_NAME").is_empty() { value("NAME") } else { value("PRETTY_NAME") },
        }
    }

    /// The family whose package manager and package names hold here; nothing where none does.
    pub fn family(&self) -> Option<&'static str> {
        if self.is_image() {
            return None;
        }
        let of = |id: &String| FAMILIES.iter().find(|(_, ids)| ids.contains(&id.as_str())).map(|(family, _)| *family);
        of(&self.id).or_else(|| self.like.iter().find_map(of))
    }

    /// Whether the distribution's system is an image that its package manager does not change.
    pub fn is_image(&self) -> bool {
        IMAGES.contains(&self.id.as_str())
    }
}

/// A shell word without its quotes and escapes.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    let inner = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let mut out = String::new();
    let mut chars = inner.unwrap_or(value).chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(id: &str, like: &str) -> &'static str {
        Distro::parse(&format!("NAME=x\nID={id}\nID_LIKE=\"{like}\"\n")).family().unwrap_or("")
    }

    #[test]
    fn families_are_told_by_id_and_then_by_id_like() {
        for (id, like, want) in [
            ("ubuntu", "debian", "debian"),
            ("linuxmint", "ubuntu debian", "debian"),
            ("pop", "ubuntu debian", "debian"),
            ("kali", "debian", "debian"),
            ("raspbian", "debian", "debian"),
            ("\"rocky\"", "rhel centos fedora", "fedora"),
            ("\"almalinux\"", "rhel centos fedora", "fedora"),
            ("\"rhel\"", "fedora", "fedora"),
            ("\"centos\"", "rhel fedora", "fedora"),
            ("\"amzn\"", "fedora", "fedora"),
            ("\"ol\"", "fedora", "fedora"),
            ("manjaro", "arch", "arch"),
            ("endeavouros", "arch", "arch"),
            ("\"opensuse-leap\"", "suse opensuse", "suse"),
            ("\"opensuse-tumbleweed\"", "opensuse suse", "suse"),
            ("\"sles\"", "suse", "suse"),
            ("postmarketos", "alpine", "alpine"),
            ("somebodysown", "ubuntu debian", "debian"),
            ("somebodysown", "", ""),
            ("nixos", "", ""),
            ("gentoo", "", ""),
            ("void", "", ""),
            ("steamos", "arch", ""),
            ("opensuse-microos", "suse opensuse opensuse-tumbleweed microos", ""),
        ] {
            assert_eq!(family(id, like), want, "{id} {like}");
        }
    }

    #[test]
    fn quotes_comments_and_windows_line_ends_do_no_harm() {
        let text =
            "# x\r\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie) \\\"x\\\"\"\r\nID='debian'\r\nVERSION_ID=\"13\"\r\n";
        let distro = Distro::parse(text);
        assert_eq!(distro.name, "Debian GNU/Linux 13 (trixie) \"x\"");
        assert_eq!((distro.id.as_str(), distro.version.as_str()), ("debian", "13"));
        assert_eq!(Distro::parse(""), Distro::default());
    }
}
