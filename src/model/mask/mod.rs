//! Keeping people out of what is written down: home folder, user and host names, e-mail addresses and secrets are
//! replaced before a report or a recording leaves the program.
//!
//! Judging goes on after masking (a recording is judged again elsewhere), so whatever is not somebody's stays as it
//! is: versions, file names, service addresses such as `git@github.com`, placeholders such as `you@example.com`. A
//! name that is also an everyday word (`go`, `root`, `docker`) is masked only where it can be nothing else.

mod email;
mod fingerprint;
mod paths;
mod report;
mod tokens;
mod words;

use super::{Os, observation::looks_utf16le};

/// Who is to be kept out.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    home: Option<paths::Home>,
    users: Vec<words::Name>,
    hosts: Vec<words::Name>,
    secrets: Vec<String>,
    usual: Option<fn(&str) -> bool>,
}

/// The shortest text that is masked wherever it stands because it is known to be secret.
const SECRET: usize = 6;

/// The shortest word that can be a token by its shape.
const SHORTEST_TOKEN: usize = 16;

/// Variables that hold an account's name.
const ACCOUNTS: &[&str] = &["USER", "LOGNAME", "USERNAME", "SUDO_USER", "DOAS_USER"];

/// Programs that print account names.
const ACCOUNT_TOOLS: &[&str] = &["id", "groups", "whoami", "getent"];

impl Mask {
    /// Masks a home folder, and whatever is secret by its shape.
    pub fn new(home: Option<&str>) -> Self {
        Self { home: home.and_then(paths::Home::new), ..Self::default() }
    }

    /// Masks a home folder.
    #[must_use]
    pub fn with_home(mut self, home: Option<&str>) -> Self {
        self.home = home.and_then(paths::Home::new);
        self
    }

    /// Names added after this for which `usual` holds count as everyday words: a machine called `engine` must not make
    /// a `moby-<host>` of `moby-engine`.
    #[must_use]
    pub fn with_usual(mut self, usual: fn(&str) -> bool) -> Self {
        self.usual = Some(usual);
        self
    }

    /// Masks a user name too.
    #[must_use]
    pub fn user(mut self, name: &str) -> Self {
        words::Name::add(&mut self.users, name, self.usual);
        self
    }

    /// Masks a host name too, with and without its domain.
    #[must_use]
    pub fn host(mut self, name: &str) -> Self {
        words::Name::add(&mut self.hosts, name, self.usual);
        words::Name::add(&mut self.hosts, name.split('.').next().unwrap_or(""), self.usual);
        self
    }

    /// Masks a text that is secret although its shape does not show it.
    #[must_use]
    pub fn secret(mut self, text: &str) -> Self {
        if text.len() >= SECRET {
            self.secrets.push(text.to_owned());
        }
        self
    }

    /// The mask for recordings, which probes read again: the home folder becomes another one, as a program would see
    /// it, because a `~` in the first line of a script is no path.
    #[must_use]
    pub fn for_recording(mut self) -> Self {
        self.home = self.home.map(paths::Home::with_path);
        self
    }

    /// A text without anybody in it. Masking again changes nothing.
    pub fn text(&self, text: &str) -> String {
        // Most texts are a word or two: too short for a secret, and no path or address.
        if text.len() < SHORTEST_TOKEN && !text.contains(['/', '\\', '@', '=', ':', ' ']) && self.secrets.is_empty() {
            return words::mask(&words::mask(text, &self.users, "<user>", &self.hosts), &self.hosts, "<host>", &[]);
        }
        let mut out = tokens::mask(&fingerprint::mask(text));
        for secret in &self.secrets {
            if out.contains(secret.as_str()) {
                out = out.replace(secret.as_str(), "<secret>");
            }
        }
        out = email::mask(&out);
        out = paths::mask(&out, self.home.as_ref(), &self.users);
        out = words::mask(&out, &self.users, "<user>", &self.hosts);
        words::mask(&out, &self.hosts, "<host>", &[])
    }

    /// The value of an environment variable; that of `GITHUB_TOKEN` is secret whatever it looks like.
    pub fn variable(&self, name: &str, value: &str) -> String {
        if tokens::is_secret_name(name) && !tokens::is_harmless(value) {
            "<token>".to_owned()
        } else if ACCOUNTS.contains(&name) {
            words::accounts(&self.text(value), &self.users)
        } else {
            self.text(value)
        }
    }

    /// What a command printed. Where that is account names and nothing else, the user's is masked even if it is an
    /// everyday word.
    pub fn printed(&self, argv: &[String], bytes: &[u8]) -> Vec<u8> {
        let program = argv.first().map_or("", |word| word.rsplit(['/', '\\']).next().unwrap_or(word));
        let masked = self.bytes(bytes);
        match String::from_utf8(masked) {
            Ok(text) if ACCOUNT_TOOLS.contains(&program) => words::accounts(&text, &self.users).into_bytes(),
            Ok(text) => text.into_bytes(),
            Err(error) => error.into_bytes(),
        }
    }

    /// A command to paste: it must still work, so the home folder becomes what the shell knows it by, and no word of
    /// it is touched.
    pub fn command(&self, command: &str, os: Os) -> String {
        paths::in_command(command, self.home.as_ref(), os == Os::Windows)
    }

    /// Bytes that are mostly text: UTF-8, UTF-16 with or without byte-order mark, or whatever else; what is not
    /// masked stays as it is, byte by byte.
    pub fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let utf16 = |mark: &[u8], rest: &[u8], split: fn([u8; 2]) -> u16, join: fn(u16) -> [u8; 2]| {
            let (pairs, odd) = rest.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| split(*pair)).collect();
            let text = String::from_utf16(&units).ok()?;
            Some([mark, &self.text(&text).encode_utf16().flat_map(join).collect::<Vec<_>>(), odd].concat())
        };
        let wide = match bytes {
            [0xff, 0xfe, rest @ ..] => utf16(&bytes[..2], rest, u16::from_le_bytes, u16::to_le_bytes),
            [0xfe, 0xff, rest @ ..] => utf16(&bytes[..2], rest, u16::from_be_bytes, u16::to_be_bytes),
            _ if looks_utf16le(bytes) => utf16(&[], bytes, u16::from_le_bytes, u16::to_le_bytes),
            _ => None,
        };
        wide.unwrap_or_else(|| match std::str::from_utf8(bytes) {
            Ok(text) => self.text(text).into_bytes(),
            Err(_) => {
                // One character per byte, so that every byte survives; names are looked for by their bytes.
                let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
                let masked = self.by_bytes().text(&text);
                masked.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
            }
        })
    }

    /// The same names as they look where every byte is one character.
    fn by_bytes(&self) -> Self {
        let wide = |text: &str| text.bytes().map(char::from).collect::<String>();
        Self {
            home: self.home.as_ref().map(|home| home.with(&wide)),
            users: self.users.iter().map(|name| name.with(&wide)).collect(),
            hosts: self.hosts.iter().map(|name| name.with(&wide)).collect(),
            secrets: self.secrets.iter().map(|secret| wide(secret)).collect(),
            usual: None,
        }
    }
}

/// The character before a byte position.
fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character at a byte position.
fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
