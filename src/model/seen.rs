//! The machine's answers, as the host gives them and as recordings write them down.

use base64::Engine as _;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::observation::Broken;

/// Bytes that are mostly text. In a recording valid UTF-8 is a plain string and anything else `base64:…`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bytes(pub Vec<u8>);

const BASE64: &str = "base64:";

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) if !text.starts_with(BASE64) => serializer.serialize_str(text),
            _ => serializer
                .collect_str(&format_args!("{BASE64}{}", base64::engine::general_purpose::STANDARD.encode(&self.0))),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.strip_prefix(BASE64) {
            Some(code) => base64::engine::general_purpose::STANDARD
                .decode(code)
                .map(Self)
                .map_err(|error| serde::de::Error::custom(format!("not base64: {error}"))),
            None => Ok(Self(text.into_bytes())),
        }
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bytes".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "text, or `base64:` and the bytes" })
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl Bytes {
    /// The bytes as text a person can read and a pattern can match: UTF-16 (with or without byte-order mark) or
    /// UTF-8 decoded, what is neither replaced; byte-order marks and NULs dropped, line ends folded to `\n`,
    /// escape sequences and other controls removed.
    pub fn text(&self) -> String {
        super::observation::clean(&self.0)
    }
}

/// One program of the wanted name on PATH.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Candidate {
    /// Where PATH has it.
    pub path: String,
    /// Where its symbolic links end; empty where that is `path` itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub real: String,
    /// What keeps it from running, as far as its file shows; nothing where it looks sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
    /// Its first line where it is a script, without the end of line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub script: String,
}

impl Candidate {
    /// Where its symbolic links end.
    pub fn real(&self) -> &str {
        if self.real.is_empty() { &self.path } else { &self.real }
    }
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PathKind {
    /// Nothing.
    #[default]
    Missing,
    /// An ordinary file.
    File,
    /// A folder.
    Dir,
    /// A pipe, socket or device: never opened, only named.
    Special,
    /// A symbolic link to nothing.
    Dangling,
    /// Something that this user may not look at.
    Denied,
}

/// What is known of a path without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stat {
    /// What stands there, links followed.
    pub kind: PathKind,
    /// Permission bits as octal text (`0600`); empty where the system has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mode: String,
    /// Whether it belongs to this user; unknown on Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mine: Option<bool>,
    /// Whether this user may write there; judged without writing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writable: Option<bool>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Last change, seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
    /// Where its symbolic links end; empty where that is the path itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub real: String,
}

/// What of a file is let out of the host: the rest never reaches a probe, a report or a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// Up to 256 KiB of it.
    Whole,
    /// INI-like text in which only the values of these keys are kept; other values read `<set>`, stay empty, or stay
    /// the placeholder of a tutorial.
    Keys(&'static [&'static str]),
    /// SSH's configuration: keywords stay; of their arguments those that say which keys are used and how, and host
    /// patterns that are about GitHub or about many hosts.
    SshConfig,
    /// A shell's start-up file: the lines that have to do with PATH, other files and the chapter's tools; all others are
    /// empty.
    StartUp,
    /// JSON in which only the values of these keys are kept, at any depth; other strings read `<set>`.
    Json(&'static [&'static str]),
}

impl View {
    /// The view in words: nothing for the whole file, else `keys: a, b`, `json: a, b`, `start-up file` or `ssh configuration`.
    pub fn words(&self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::Keys(keys) => format!("keys: {}", keys.join(", ")),
            Self::StartUp => "start-up file".to_owned(),
            Self::SshConfig => "ssh configuration".to_owned(),
            Self::Json(keys) => format!("json: {}", keys.join(", ")),
        }
    }
}

/// A file's content, or why it cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct FileSeen {
    /// What stands there.
    pub kind: PathKind,
    /// Permission bits as octal text (`0600`).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mode: String,
    /// The part that was read.
    #[serde(skip_serializing_if = "is_empty")]
    pub content: Bytes,
    /// There was more than was read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// The system's words where reading failed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
}

fn is_empty(bytes: &Bytes) -> bool {
    bytes.0.is_empty()
}

impl FileSeen {
    /// The text, where the file could be read.
    pub fn text(&self) -> Option<String> {
        (self.kind == PathKind::File && self.error.is_empty()).then(|| self.content.text())
    }
}

/// The names in a folder, sorted, at most 2,000.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct DirSeen {
    /// What stands there.
    pub kind: PathKind,
    /// Names; a folder's ends in `/`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// What an SSH private key file is, without any of its key material.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct KeySeen {
    /// What stands there.
    pub kind: PathKind,
    /// Permission bits as octal text.
    pub mode: String,
    /// Whether it belongs to this user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mine: Option<bool>,
    /// `openssh`, `pem`, `pkcs8`, `putty`, `public` (a .pub saved as private), `empty`, `damaged`, `unreadable`, `other`.
    pub format: String,
    /// `ed25519`, `rsa`, `ecdsa`, `dsa`, `ed25519-sk`, `ecdsa-sk`; empty where the file does not say.
    pub algorithm: String,
    /// Key length in bits, where the file says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bits: Option<u32>,
    /// Whether a passphrase protects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
    /// What in the bytes keeps OpenSSH from reading it: `crlf`, `bom`, `utf-16`, `no-final-newline`, `leading-text`,
    /// `spaces`, `one-line`, `truncated` (cut short, or letters lost or changed); empty where nothing does.
    pub damage: String,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It ended by itself with this code (negative on Windows where the code is above 2^31).
    Exited(i32),
    /// A signal ended it.
    Signal(i32),
    /// It had not ended at its deadline and was killed with all its children.
    TimedOut,
    /// There is no such program.
    #[default]
    Absent,
    /// There is such a file, but it cannot be run.
    Broken(Broken),
}

/// What running a command showed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// What it wrote to standard output, at most 1 MiB.
    pub stdout: Bytes,
    /// What it wrote to standard error, at most 1 MiB.
    pub stderr: Bytes,
    /// There was more output than is kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// Milliseconds from start to end.
    pub ms: u64,
}

/// What a connection attempt to a local port showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PortSeen {
    /// Something listens.
    Open,
    /// Nothing listens.
    #[default]
    Closed,
    /// No answer in time, or not allowed to ask.
    Unknown,
}

/// The machine's size and clock.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct System {
    /// Bytes free to this user on the disk that holds the home folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_free: Option<u64>,
    /// Bytes of memory in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// Seconds since 1970, by the machine's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<i64>,
}
