//! Home folders in paths: one's own becomes `~`, the name in anybody's becomes `<user>`.

use super::{
    after, before,
    words::{Name, starts_with},
};

/// The home folder, by its segments.
#[derive(Debug, Clone)]
pub(super) struct Home {
    segments: Vec<String>,
    windows: bool,
    /// The segments of what stands in for it; nothing for `~`.
    instead: Option<Vec<String>>,
}

/// What a home folder is called where it must go on looking like one: nobody's name.
const SOMEBODY: &str = "user";

const SEPARATORS: [char; 2] = ['/', '\\'];

impl Home {
    /// A home folder; nothing where it is the root of everything, or masked already.
    pub(super) fn new(text: &str) -> Option<Self> {
        let text = text.trim_end_matches(SEPARATORS);
        let windows = text.get(1..2) == Some(":");
        let segments: Vec<String> = text.split(SEPARATORS).map(str::to_owned).collect();
        let deep = segments.len() >= 2 && segments.last().is_some_and(|last| !last.is_empty());
        (deep && (windows || text.starts_with('/'))).then_some(Self { segments, windows, instead: None })
    }

    /// The same folder written in another way.
    pub(super) fn with(&self, change: &dyn Fn(&str) -> String) -> Self {
        Self { segments: self.segments.iter().map(|segment| change(segment)).collect(), ..self.clone() }
    }

    /// Masked by a home folder of the same kind in place of `~`: programs read `#!/home/user/x` and not `#!~/x`.
    pub(super) fn with_path(mut self) -> Self {
        let mut segments = self.segments.clone();
        // `/root` and `/workspace` have no folder of homes above them.
        if segments.len() == 2 && !self.windows {
            segments.insert(1, "home".to_owned());
        }
        if let Some(last) = segments.last_mut() {
            SOMEBODY.clone_into(last);
        }
        self.instead = Some(segments);
        self
    }

    /// What to write where it stood as `found`, separated as that is.
    fn mask(&self, found: &str) -> String {
        let separator = [r"\\", r"\"].into_iter().find(|sign| found.contains(sign)).unwrap_or("/");
        self.instead.as_ref().map_or_else(|| "~".to_owned(), |segments| segments.join(separator))
    }

    /// Where the home folder ends if it starts at this place of a text.
    fn end(&self, text: &str, at: usize) -> Option<usize> {
        let mut end = at;
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 {
                let run = text[end..].len() - text[end..].trim_start_matches(SEPARATORS).len();
                // A doubled backslash is one that was escaped.
                let usual = run == 1 || run == 2 && text[end..].starts_with(r"\\");
                let posix = self.windows || text[end..].starts_with('/');
                if !usual || !posix {
                    return None;
                }
                end += run;
            }
            let same = if self.windows {
                starts_with(&text[end..], segment)
            } else {
                text[end..].starts_with(segment.as_str())
            };
            if !same {
                return None;
            }
            end += segment.len();
        }
        (starts_here(text, at) && ends_here(text, end)).then_some(end)
    }

    /// The first place from `from` on where it stands: start and end.
    fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let first = if self.windows { self.segments[0].chars().next()? } else { '/' };
        let starts = text[from..].char_indices().filter(|(_, c)| c.eq_ignore_ascii_case(&first));
        starts.map(|(at, _)| from + at).find_map(|at| Some((at, self.end(text, at)?)))
    }
}

/// Whether a path can start here: nothing before it that would make it part of a longer one.
fn starts_here(text: &str, at: usize) -> bool {
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '\\' | '~');
    !before(text, at).is_some_and(joins) || text[..at].ends_with("://")
}

/// Whether a segment ends here.
fn ends_here(text: &str, at: usize) -> bool {
    match after(text, at) {
        Some('.') => !after(text, at + 1).is_some_and(|c| c.is_alphanumeric() || c == '_'),
        Some(c) => !(c.is_alphanumeric() || c == '_' || c == '-'),
        None => true,
    }
}

/// Masks home folders in running text.
pub(super) fn mask(text: &str, home: Option<&Home>, users: &[Name]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some((home, (at, end))) = home.and_then(|home| Some((home, home.find(text, from)?))) {
        out.push_str(&text[from..at]);
        out.push_str(&home.mask(&text[at..end]));
        from = end;
    }
    out.push_str(&text[from..]);
    names(&out, users)
}

/// Folders in which homes stand, and the folders that may stand before `home`.
const PARENTS: [&str; 2] = ["home", "Users"];
const BEFORE_HOME: [&str; 7] = ["/usr", "/var", "/export", "/net", "/nfs", "/Data", "/data"];

/// Homes in them that are nobody's.
const NOBODYS: [&str; 10] =
    ["linuxbrew", "Shared", "Public", "Default", "Default User", "All Users", "desktop.ini", "user", "username", "you"];

/// Masks the name in `/home/NAME`, `/Users/NAME`, `C:\Users\NAME`, `/mnt/c/Users/NAME`.
fn names(text: &str, users: &[Name]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some((start, end)) = next_name(text, from) {
        out.push_str(&text[from..start]);
        let name = &text[start..end];
        let parent = text[..start].trim_end_matches(SEPARATORS);
        let head = &text[..parent.len() - "home".len().min(parent.len())];
        let elsewhere = parent.ends_with("home") && {
            let head = head.trim_end_matches('/');
            (!starts_here(text, head.len()) || head.ends_with("<user>"))
                && !BEFORE_HOME.iter().any(|folder| head.ends_with(folder))
        };
        let own = users.iter().any(|user| user.text().eq_ignore_ascii_case(name));
        let keep = NOBODYS.contains(&name) || name.starts_with('.') || !own && (elsewhere || in_url(text, start));
        out.push_str(if keep { name } else { "<user>" });
        from = end;
    }
    out.push_str(&text[from..]);
    out
}

/// The next name that stands in a folder of homes: start and end.
fn next_name(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let found = text[at..].find(SEPARATORS)? + at;
        let rest = &text[found + 1..];
        let windows = text[found..].starts_with('\\');
        let parent =
            PARENTS.iter().find(|parent| if windows { starts_with(rest, parent) } else { rest.starts_with(*parent) });
        at = found + 1;
        let Some(parent) = parent else { continue };
        let rest = &rest[parent.len()..];
        let separators = rest.len() - rest.trim_start_matches(SEPARATORS).len();
        let start = at + parent.len() + separators;
        let length = name_length(&text[start..], rest.starts_with('\\'));
        if (1..=2).contains(&separators) && length > 0 {
            return Some((start, start + length));
        }
    }
}

/// How far a name goes. On Windows it may hold spaces, if a backslash shows that it goes on behind them.
fn name_length(text: &str, windows: bool) -> usize {
    let ends = |c: char| c.is_control() || " \t/\\:;,<>|*?()[]{}'\"`$%=&#!".contains(c);
    let length = text.find(ends).unwrap_or(text.len());
    if windows && text[length..].starts_with(' ') {
        let stop = text.find(|c: char| c != ' ' && ends(c)).unwrap_or(text.len());
        let words = text[..stop].split(' ').filter(|word| !word.is_empty()).count();
        if text[stop..].starts_with('\\') && words <= 3 && stop <= 40 {
            return stop;
        }
    }
    // A full stop at its end belongs to the sentence.
    text[..length].trim_end_matches('.').len()
}

/// Whether a place lies in the address of a page.
fn in_url(text: &str, at: usize) -> bool {
    let word = text[..at].rfind(|c: char| c.is_whitespace() || "'\"`<(=".contains(c)).map_or(0, |start| start + 1);
    let word = &text[word..at];
    word.contains("://") && !word.starts_with("file:")
}

/// The home folder in a command, so that the shell still understands it: `~` outside quotes, `$HOME` on Windows, and a
/// quote that would keep the shell from reading `~` is moved behind it.
pub(super) fn in_command(command: &str, home: Option<&Home>, windows: bool) -> String {
    let mut out = String::with_capacity(command.len());
    let mut from = 0;
    while let Some((at, end)) = home.and_then(|home| home.find(command, from)) {
        out.push_str(&command[from..at]);
        from = end;
        let quote = before(command, at).filter(|c| matches!(c, '\'' | '"'));
        let Some(quote) = quote else {
            out.push_str(if windows { "$HOME" } else { "~" });
            continue;
        };
        let Some(length) = command[end..].find(quote) else {
            out.push_str("$HOME");
            continue;
        };
        let rest = &command[end..end + length];
        out.pop();
        match (windows, rest.strip_prefix('/')) {
            (true, _) => out.push_str(&format!("\"$HOME{rest}\"")),
            (false, Some(rest)) => out.push_str(&format!("~/{quote}{rest}{quote}")),
            (false, None) => out.push('~'),
        }
        from = end + length + quote.len_utf8();
    }
    out.push_str(&command[from..]);
    out
}
