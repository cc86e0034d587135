//! The start-up files that the learner's shell reads in a new terminal, read without running them.
//!
//! On macOS a terminal opens a login shell; on Linux and WSL it opens one that is not, so `~/.profile` and its like are
//! read at login only: what they set is handed down, what they define (nvm is a function) is not.

use super::script::Variables;
use crate::{
    host::{Host, file_name},
    model::{Os, Pattern},
};

/// When a start-up file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// By every new terminal.
    Terminal,
    /// At login: variables are handed down to terminals, functions and aliases are not.
    Login,
    /// Not by this shell.
    Never,
}

/// One start-up file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartFile {
    /// Its path, with `~` for the home folder.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Whether its lines end as on Windows, which shells here do not understand.
    pub crlf: bool,
    /// When it is read.
    pub read: Read,
    /// The file that sources it; empty where the shell itself reads it.
    pub from: String,
}

/// A line of a start-up file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, with `~` for the home folder.
    pub file: String,
    /// The line's number, from 1.
    pub line: usize,
    /// The line without its surrounding space.
    pub text: String,
    /// When the file is read.
    pub read: Read,
}

/// What the learner's shell reads when it starts.
#[derive(Debug, Clone, Default)]
pub struct Startup {
    /// The shell by name: `bash`, `zsh`, `fish`, `sh`, `powershell`; empty where unknown.
    pub shell: String,
    /// The files it reads, in order; a sourced file follows the one that sources it.
    pub files: Vec<StartFile>,
    /// Start-up files in the home folder that it does not read.
    pub unread: Vec<StartFile>,
    /// The file in which a line for every terminal is to be added.
    pub rc: String,
    pub(super) variables: Variables,
    pub(super) paths: Vec<(String, Place)>,
}

/// The learner's shell by name: what `$SHELL` says, else the user database.
pub fn shell_name(host: &dyn Host) -> String {
    let of = |path: String| file_name(&path).trim_end_matches(".exe").trim_start_matches('-').to_ascii_lowercase();
    let name = match host.platform().os {
        Os::Windows => None,
        _ => host.env("SHELL").map(of).filter(|name| !name.is_empty()),
    };
    match name.unwrap_or_else(|| host.platform().shell.clone()) {
        name if matches!(name.as_str(), "ash" | "dash" | "busybox" | "sh") => "sh".to_owned(),
        name => name,
    }
}

/// A path with `~` where it starts with the home folder.
pub fn tilde(path: &str, home: Option<&str>) -> String {
    let rest = home.filter(|home| !home.is_empty()).and_then(|home| path.strip_prefix(home));
    match rest {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
        _ => path.to_owned(),
    }
}

/// The first line of a file that matches and is no comment.
fn find_in(files: &[StartFile], pattern: &Pattern) -> Option<Place> {
    files.iter().find_map(|file| {
        let lines = file.text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#'));
        let (number, line) = { lines }.find(|(_, line)| pattern.is_match(line))?;
        Some(Place { file: file.path.clone(), line: number + 1, text: line.trim().to_owned(), read: file.read })
    })
}

impl Startup {
    /// The first line that matches, in the files that this shell reads; comments do not count.
    pub fn find(&self, pattern: &Pattern) -> Option<Place> {
        find_in(&self.files, pattern)
    }

    /// The same in start-up files that this shell does not read: a line put into the wrong file.
    pub fn find_unread(&self, pattern: &Pattern) -> Option<Place> {
        find_in(&self.unread, pattern)
    }

    /// The line that puts a folder on PATH.
    pub fn path_has(&self, folder: &str) -> Option<&Place> {
        self.path_at(folder).next()
    }

    /// Every line that puts a folder on PATH, in the order of reading.
    pub fn path_at(&self, folder: &str) -> impl Iterator<Item = &Place> {
        let folder = folder.trim_end_matches('/');
        self.paths.iter().filter(move |(known, _)| known.trim_end_matches('/') == folder).map(|(_, place)| place)
    }

    /// Every folder that the files put on PATH, with its line, in the order of reading.
    pub fn path_folders(&self) -> impl Iterator<Item = (&str, &Place)> {
        self.paths.iter().map(|(folder, place)| (folder.as_str(), place))
    }

    /// What a variable is set to, with `~` for the home folder; where no file sets it, what it usually is.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name)
    }

    /// The file of this path, where this shell reads it.
    pub fn file(&self, path: &str) -> Option<&StartFile> {
        self.files.iter().find(|file| file.path == path)
    }
}

impl Place {
    /// Facts for words and fixes: `file`, `at` (file and line number) and `text`.
    pub fn facts(&self) -> [(&'static str, String); 3] {
        [("file", self.file.clone()), ("at", format!("{}:{}", self.file, self.line)), ("text", self.text.clone())]
    }
}

#[cfg(test)]
mod tests {
    use super::{super::follow::startup, *};
    use crate::{
        host::recording::{Recording, Replay, Unstated},
        model::{
            Platform,
            seen::{FileSeen, PathKind},
        },
    };

    fn read(os: Os, shell: &str, files: &[(&str, &str)]) -> std::sync::Arc<Startup> {
        let file = |text: &str| FileSeen { kind: PathKind::File, content: text.into(), ..FileSeen::default() };
        startup(&Replay::new(Recording {
            unstated: Unstated::Absent,
            platform: Platform { os, shell: shell.to_owned(), ..Platform::default() },
            home: Some("~".to_owned()),
            files: files.iter().map(|(path, text)| ((*path).to_owned(), file(text))).collect(),
            ..Recording::default()
        }))
    }

    fn place(found: Option<Place>) -> String {
        found.map(|place| format!("{}:{}", place.file, place.line)).unwrap_or_default()
    }

    #[test]
    fn a_login_file_shadows_the_next_and_sourced_files_are_followed() {
        let files = [
            ("~/.bash_profile", ". ~/.cargo/env"),
            ("~/.profile", "export PYENV=1"),
            ("~/.bashrc", "# nvm.sh\n. \"$HOME/.extra\""),
            ("~/.extra", "\n. $NVM_DIR/nvm.sh\n. ~/.bashrc"),
            ("~/.cargo/env", "case x in\n*) export PATH=\"$HOME/.cargo/bin:$PATH\" ;;\nesac"),
        ];
        let linux = read(Os::Linux, "bash", &files);
        assert_eq!(place(linux.find(&Pattern::new(r"nvm\.sh"))), "~/.extra:2");
        assert_eq!(linux.path_has("~/.cargo/bin/").map(|place| place.line), Some(2));
        assert_eq!(place(linux.find_unread(&Pattern::new("PYENV"))), "~/.profile:1");
        assert_eq!(linux.rc, "~/.bashrc");
        let mac = read(Os::Macos, "bash", &files);
        assert_eq!(place(mac.find_unread(&Pattern::new("extra"))), "~/.bashrc:2");
        assert_eq!(mac.rc, "~/.bash_profile");
    }

    #[test]
    fn zsh_and_fish_read_their_own_files() {
        let files = [
            ("~/.bash_profile", "pyenv init"),
            ("~/.zshrc", "plugins=(git\n  pyenv) # x\nsource $ZSH/oh-my-zsh.sh"),
            ("~/.oh-my-zsh/plugins/pyenv/pyenv.plugin.zsh", "eval \"$(pyenv init - zsh)\""),
            ("~/.config/fish/conf.d/a.fish", "fish_add_path ~/x"),
        ];
        let zsh = read(Os::Macos, "zsh", &files);
        let init = Pattern::new("pyenv init");
        assert_eq!(place(zsh.find(&init)), "~/.oh-my-zsh/plugins/pyenv/pyenv.plugin.zsh:1");
        assert_eq!(place(zsh.find_unread(&init)), "~/.bash_profile:1");
        assert_eq!(zsh.rc, "~/.zshrc");
        let fish = read(Os::Linux, "fish", &files);
        assert_eq!(fish.path_has("~/x").map(|place| place.file.as_str()), Some("~/.config/fish/conf.d/a.fish"));
        assert_eq!(fish.rc, "~/.config/fish/config.fish");
    }
}
