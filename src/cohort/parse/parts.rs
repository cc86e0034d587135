//! Parts of a report that are read only where they are needed: what machine it was, what shows a cause, how it is mended.

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
            "os" => {
                platform.os = match at.maybe_string()?.unwrap_or_default().raw {
                    b"linux" => Os::Linux,
                    b"macos" => Os::Macos,
                    b"windows" => Os::Windows,
                    _ => Os::Other,
                };
                return Ok(());
            }
            "escalate" => {
                platform.escalate = match at.maybe_string()?.unwrap_or_default().raw {
                    b"doas" => Escalate::Doas,
                    b"none" => Escalate::None,
                    _ => Escalate::Sudo,
                };
                return Ok(());
            }
            "wsl" => {
                platform.wsl = match at.span()? {
                    b"1" => 1,
                    b"2" => 2,
                    _ => 0,
                };
                return Ok(());
            }
            "root" => return at.truth().map(|root| platform.root = root),
            "systemd" => return at.truth().map(|systemd| platform.systemd = systemd),
            "arch" => &mut platform.arch,
            "hardware" => &mut platform.hardware,
            "family" => &mut platform.family,
            "distro" => &mut platform.distro,
            "version" => &mut platform.version,
            "name" => &mut platform.name,
            "container" => &mut platform.container,
            "shell" => &mut platform.shell,
            _ => return at.skip(),
        };
        *into = at.maybe_string()?.map(|text| short(&text.text(), 60)).unwrap_or_default();
        Ok(())
    });
    platform
}

/// The evidence of a finding as the one line that shows the cause: what ran, what answered, what else was there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// What was run.
    pub command: String,
    /// The program that answered.
    pub program: String,
    /// All programs of that name, in PATH's order.
    pub candidates: Vec<String>,
    /// The exit code.
    pub exit: Option<i32>,
    /// The first telling lines of its output.
    pub excerpt: String,
}

/// Reads the evidence of a finding, each part at most so long that many learners fit into memory.
pub fn evidence(text: &[u8]) -> Shown {
    let mut shown = Shown::default();
    let mut cursor = Cursor::new(text, 0);
    let _ = fields(&mut cursor, |at, name| match name {
        "argv" => {
            let words = strings(at, 12, 80)?;
            shown.command = short(&words.join(" "), 160);
            Ok(())
        }
        "program" => at.maybe_string().map(|text| shown.program = short(&text.unwrap_or_default().text(), 160)),
        "candidates" => strings(at, 4, 160).map(|paths| shown.candidates = paths),
        "exit" => at.span().map(|number| {
            shown.exit = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
        }),
        "excerpt" => at.maybe_string().map(|text| shown.excerpt = short(&text.unwrap_or_default().text(), 240)),
        _ => at.skip(),
    });
    shown
}

/// The commands of a fix, to be told from others by.
pub fn commands(text: &[u8]) -> Vec<String> {
    let mut commands = Vec::new();
    let mut cursor = Cursor::new(text, 0);
    let _ = fields(&mut cursor, |at, name| match name {
        "run" => strings(at, 16, 1000).map(|run| commands = run),
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
