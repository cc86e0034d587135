//! What a probe saw: raw facts with their evidence, never an opinion.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a program that is there cannot be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Broken {
    /// The interpreter its `#!` line names does not exist.
    MissingInterpreter,
    /// Its dynamic loader does not exist: a glibc program on musl, or the reverse.
    MissingLoader,
    /// It is built for another processor or system.
    WrongArchitecture,
    /// It has no permission to be executed.
    NotExecutable,
    /// Its symbolic link leads nowhere.
    Dangling,
    /// It is empty.
    Empty,
    /// It is a Windows program, seen from WSL.
    WindowsProgram,
    /// It is the Microsoft Store's stand-in for a program that is not installed.
    StoreAlias,
    /// It is Apple's stand-in, which opens an installer while the Command Line Tools are missing.
    AppleShim,
    /// The system refused to start it for another reason.
    Refused,
}

impl Broken {
    /// The word check files and reports use.
    pub fn word(self) -> &'static str {
        match self {
            Self::MissingInterpreter => "missing-interpreter",
            Self::MissingLoader => "missing-loader",
            Self::WrongArchitecture => "wrong-architecture",
            Self::NotExecutable => "not-executable",
            Self::Dangling => "dangling",
            Self::Empty => "empty",
            Self::WindowsProgram => "windows-program",
            Self::StoreAlias => "store-alias",
            Self::AppleShim => "apple-shim",
            Self::Refused => "refused",
        }
    }
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// What was looked for is not there.
    #[default]
    Absent,
    /// A command ended by itself. Text is decoded and cleaned.
    Exited {
        /// Its exit code.
        #[serde(default)]
        code: i32,
        /// Its standard output.
        #[serde(default)]
        stdout: String,
        /// Its standard error.
        #[serde(default)]
        stderr: String,
    },
    /// A signal ended a command.
    Signal {
        /// The signal's number.
        signal: i32,
        /// What it had written to standard output.
        #[serde(default)]
        stdout: String,
        /// What it had written to standard error.
        #[serde(default)]
        stderr: String,
    },
    /// No answer in time.
    TimedOut {
        /// What it had written to standard output.
        #[serde(default)]
        stdout: String,
        /// What it had written to standard error.
        #[serde(default)]
        stderr: String,
    },
    /// It is there but cannot be run.
    Broken(Broken),
    /// It is there but may not or cannot be read; the system's words.
    Unreadable(String),
    /// A file's text.
    Text(String),
    /// Everything that was seen is in the facts.
    Facts,
}

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A command was run.
    #[default]
    Command,
    /// It was read from a file.
    File,
}

/// What shows that the observation is true.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Evidence {
    /// What was run, word by word; empty where nothing was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub argv: Vec<String>,
    /// The program that answered, by its path.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub program: String,
    /// Every program of that name on PATH, in order; the first one wins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
    /// Files that were read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// The exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// The first telling lines of its output.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub excerpt: String,
    /// Milliseconds that the commands took.
    pub ms: u64,
    /// Whether the answer came from a command or from a file.
    pub source: Source,
}

/// What of an output is shown: at most 6 lines that are not empty, and 400 characters. It is cut after masking, because
/// masks are shorter than what they hide, and a recording holds the masks.
pub fn telling(output: &str) -> String {
    let lines = output.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.take(6).collect::<Vec<_>>().join("\n").chars().take(400).collect()
}

/// What a probe saw, with facts it read out of it and the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Observation {
    /// What was seen.
    pub seen: Seen,
    /// Named facts: `version`, `program`, and what the probe's own are.
    pub facts: BTreeMap<String, String>,
    /// What shows it.
    pub evidence: Evidence,
}

impl Observation {
    /// An observation that is all in its facts.
    pub fn facts<K: Into<String>, V: Into<String>>(facts: impl IntoIterator<Item = (K, V)>) -> Self {
        // Put in one by one: to collect them brings a sort of 4 kB into the program for each of the many callers.
        let mut named = BTreeMap::new();
        for (key, value) in facts {
            named.insert(key.into(), value.into());
        }
        Self { seen: Seen::Facts, facts: named, evidence: Evidence { source: Source::File, ..Evidence::default() } }
    }

    /// That what was looked for is not there.
    pub fn absent() -> Self {
        Self::default()
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }
}

/// The longest text of one stream that judging looks at, in bytes.
const LONGEST: usize = 64 * 1024;

/// Decodes and cleans what a program printed; see [`super::seen::Bytes::text`].
pub fn clean(bytes: &[u8]) -> String {
    let is_plain = |byte: &u8| matches!(byte, b'\t' | b'\n' | b' '..=b'~');
    if bytes.len() <= LONGEST && bytes.iter().all(is_plain) {
        // Nearly every text is, and all below is slower.
        return String::from_utf8_lossy(bytes).into_owned();
    }
    clean_text(&decode(bytes))
}

/// Cleans what is text already: whatever is in it, its encoding is not guessed again.
pub fn clean_text(text: &str) -> String {
    // Inbox Windows programs end lines in CR CR LF; progress bars end them in CR alone.
    let text = strip_escapes(text).replace("\r\r\n", "\n").replace("\r\n", "\n").replace('\r', "\n");
    let mut out: String =
        text.chars().filter(|c| matches!(c, '\t' | '\n') || !c.is_control() && !is_format(*c)).collect();
    if out.len() > LONGEST {
        out.truncate(out.floor_char_boundary(LONGEST));
    }
    out
}

/// Characters that change how the text around them is shown: bidirectional overrides, zero-width joiners, marks.
fn is_format(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let utf16 = |bytes: &[u8], join: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes.as_chunks::<2>();
        Cow::Owned(String::from_utf16_lossy(&pairs.iter().map(|pair| join(*pair)).collect::<Vec<_>>()))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ if looks_utf16le(bytes) => utf16(bytes, u16::from_le_bytes),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// `wsl.exe` writes UTF-16LE without a mark. Western text then has a NUL in most odd places; for other scripts
/// the line ends and spaces still do, and the bytes are not valid UTF-8 without NULs either.
pub fn looks_utf16le(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(4096)];
    if sample.len() < 2 || !bytes.len().is_multiple_of(2) && bytes.len() < 4096 {
        return false;
    }
    let (pairs, _) = sample.as_chunks::<2>();
    let odd = pairs.iter().filter(|pair| pair[1] == 0 && pair[0] != 0).count();
    let even = pairs.iter().filter(|pair| pair[0] == 0 && pair[1] != 0).count();
    odd * 10 >= pairs.len() && odd > even * 4
}

/// Removes terminal escape sequences (CSI, OSC and the other strings, two-character ones), unterminated ones too.
fn strip_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{1b}', '\u{9b}', '\u{9d}', '\u{90}']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let kind = match c {
            '\u{1b}' => match chars.next() {
                Some('[') => '[',
                Some(']' | 'P' | 'X' | '^' | '_') => ']',
                Some(' '..='/') => {
                    chars.next();
                    continue;
                }
                _ => continue,
            },
            '\u{9b}' => '[',
            '\u{9d}' | '\u{90}' => ']',
            other => {
                out.push(other);
                continue;
            }
        };
        if kind == '[' {
            while let Some(next) = chars.peek().copied() {
                if !(' '..='~').contains(&next) {
                    break;
                }
                chars.next();
                if ('@'..='~').contains(&next) {
                    break;
                }
            }
        } else {
            // A string ends at BEL or ST; an unterminated one ends with its line, so that it cannot hide the rest.
            while let Some(next) = chars.peek().copied() {
                if next == '\n' {
                    break;
                }
                chars.next();
                if next == '\u{7}' || next == '\u{9c}' {
                    break;
                }
                if next == '\u{1b}' {
                    chars.next_if_eq(&'\\');
                    break;
                }
            }
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{clean, clean_text};

    #[test]
    fn utf16_with_and_without_mark_is_read() {
        let text = "  NAME   STATE\r\n* Ubuntu  Running 2\r\r\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = "\u{feff}é".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(clean(&le), "  NAME   STATE\n* Ubuntu  Running 2\n");
        assert_eq!(clean(&[&[0xff, 0xfe], &le[..]].concat()), clean(&le));
        assert_eq!(clean(&be), "é");
        let chinese: Vec<u8> =
            "默认版本: 2\r\n默认分发: Ubuntu\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(clean(&chinese), "默认版本: 2\n默认分发: Ubuntu\n");
    }

    #[test]
    fn escapes_controls_and_odd_line_ends_are_gone() {
        assert_eq!(clean(b"\x1b[31mred\x1b[0m\r\nnext\rlast"), "red\nnext\nlast");
        assert_eq!(clean_text("a\u{202e}b\u{1b}[2K\0"), "ab", "a text with a NUL is no UTF-16");
        assert_eq!(clean("a\u{1b}]8;;http://x\u{7}b\u{1b}]0;t\nc\u{202e}\u{0}".as_bytes()), "ab\nc");
        assert_eq!(clean(b"one\n\ntwo\n"), "one\n\ntwo\n");
        assert_eq!(clean(b"one\r\n\r\ntwo"), "one\n\ntwo");
        assert_eq!(clean(&[0x80, b'x']), "\u{fffd}x");
    }

    #[test]
    fn output_is_capped_at_a_character() {
        let text = "é".repeat(200_000);
        assert!(clean(text.as_bytes()).len() <= 64 * 1024);
    }
}
