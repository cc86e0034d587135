//! Parts of a report that are read only where they are needed: what machine it was, what shows a cause, how it is mended.

use schemars::JsonSchema;
use serde::Serialize;

use super::fields;
use crate::{
    cohort::scan::{Cursor, Wrong},
    model::{Os, Platform, platform::Escalate},
};

/// What machine it was, as far as fixes and groups depend on it. Unknown words leave the default: an unknown system.
pub fn platform(text: &[u8]) -> Platform {
    let mut platform = Platform::default();
    let mut cursor = Cursor::new(text, 0);
    // The text was read through once already.
    let _ = fields(&mut cursor, |at, name| {
        let into = match name {
            b"os" => {
                platform.os = match at.maybe_string()?.unwrap_or_default().raw {
                    b"linux" => Os::Linux,
                    b"macos" => Os::Macos,
                    b"windows" => Os::Windows,
                    _ => Os::Other,
                };
                return Ok(());
            }
            b"escalate" => {
                platform.escalate = match at.maybe_string()?.unwrap_or_default().raw {
                    b"doas" => Escalate::Doas,
                    b"none" => Escalate::None,
                    _ => Escalate::Sudo,
                };
                return Ok(());
            }
            b"wsl" => {
                platform.wsl = match at.span()? {
                    b"1" => 1,
                    b"2" => 2,
                    _ => 0,
                };
                return Ok(());
            }
            b"root" => return at.truth().map(|root| platform.root = root),
            b"systemd" => return at.truth().map(|systemd| platform.systemd = systemd),
            b"arch" => &mut platform.arch,
            b"hardware" => &mut platform.hardware,
            b"family" => &mut platform.family,
            b"distro" => &mut platform.distro,
            b"version" => &mut platform.version,
            b"name" => &mut platform.name,
            b"container" => &mut platform.container,
            b"shell" => &mut platform.shell,
            _ => return at.skip(),
        };
        *into = at.maybe_string()?.map(|text| short(&text.text(), 60)).unwrap_or_default();
        Ok(())
    });
    platform
}

/// The version of the doctor that wrote a report, as it says; at most 64 bytes.
pub fn version(text: &[u8]) -> String {
    let mut version = String::new();
    let _ = fields(&mut Cursor::new(text, 0), |at, name| match name {
        b"version" => at.maybe_string().map(|text| version = short(&text.unwrap_or_default().text(), 64)),
        _ => at.skip(),
    });
    version
}

/// What was found, and what shows it: what ran, what answered, what else was there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Shown {
    /// What was found, in the report's words.
    pub found: String,
    /// The command that showed it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub command: String,
    /// The program that answered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub program: String,
    /// Programs of that name in PATH's order, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
    /// Its exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// Its first telling lines.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub excerpt: String,
}

/// Reads the evidence of a finding, each part at most so long that many learners fit into memory.
pub fn evidence(text: &[u8]) -> Shown {
    let mut shown = Shown::default();
    let mut cursor = Cursor::new(text, 0);
    let _ = fields(&mut cursor, |at, name| match name {
        b"argv" => {
            let words = strings(at, 12, 80)?;
            shown.command = short(&words.join(" "), 160);
            Ok(())
        }
        b"program" => at.maybe_string().map(|text| shown.program = short(&text.unwrap_or_default().text(), 160)),
        b"candidates" => strings(at, 4, 160).map(|paths| shown.candidates = paths),
        b"exit" => at.span().map(|number| {
            shown.exit = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
        }),
        b"excerpt" => at.maybe_string().map(|text| shown.excerpt = short(&text.unwrap_or_default().text(), 240)),
        _ => at.skip(),
    });
    shown
}

/// The commands of a fix, to be told from others by.
pub fn commands(text: &[u8]) -> Vec<String> {
    let mut commands = Vec::new();
    let mut cursor = Cursor::new(text, 0);
    let _ = fields(&mut cursor, |at, name| match name {
        b"run" => strings(at, 16, 1000).map(|run| commands = run),
        _ => at.skip(),
    });
    commands
}

fn strings(cursor: &mut Cursor<'_>, most: usize, len: usize) -> Result<Vec<String>, Wrong> {
    let mut texts = Vec::new();
    if cursor.peek() != b'[' {
        return cursor.skip().map(|()| texts);
    }
    cursor.list(|at| {
        let text = at.maybe_string()?;
        if texts.len() < most {
            texts.extend(text.map(|text| short(&text.text(), len)));
        }
        Ok(())
    })?;
    Ok(texts)
}

/// A text's first characters, at most so many bytes.
pub fn short(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most.saturating_sub(3)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", &text[..end])
}
