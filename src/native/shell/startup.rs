//! The start-up files that the learner's shell reads in a new terminal, read without running them.
//!
//! On macOS a terminal opens a login shell; on Linux and WSL it opens one that is not, so `~/.profile` and its like are
//! read at login only: what they set is handed down, what they define (nvm is a function) is not.

use super::script::{Variables, assign, path_folders, sourced, words};
use crate::{
    host::{Host, expand, file_name},
    model::{
        Os, Pattern,
        seen::{PathKind, View},
    },
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
    variables: Variables,
    paths: Vec<(String, Place)>,
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

/// Reads the start-up files of the learner's shell.
pub fn startup(host: &dyn Host) -> Startup {
    let mut reader = Reader { host, mac: host.platform().os == Os::Macos, out: Startup::default() };
    reader.out.shell = shell_name(host);
    for name in ["NVM_DIR", "PYENV_ROOT", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "ZDOTDIR", "PNPM_HOME", "VOLTA_HOME"] {
        if let Some(value) = host.env(name) {
            reader.out.variables.set(name, tilde(&value, host.home().as_deref()));
        }
    }
    let prefix = match host.platform() {
        platform if platform.is("macos-arm") => "/opt/homebrew",
        platform if platform.os == Os::Macos => "/usr/local",
        _ => "/home/linuxbrew/.linuxbrew",
    };
    reader.out.variables.set("HOMEBREW_PREFIX", prefix);
    if host.platform().os == Os::Windows {
        "$PROFILE".clone_into(&mut reader.out.rc);
        return reader.out;
    }
    match reader.out.shell.as_str() {
        "bash" => reader.bash(),
        "zsh" => reader.zsh(),
        "fish" => reader.fish(),
        _ => reader.posix(),
    }
    reader.unread();
    reader.out
}

/// A path with `~` where it starts with the home folder.
pub fn tilde(path: &str, home: Option<&str>) -> String {
    let rest = home.filter(|home| !home.is_empty()).and_then(|home| path.strip_prefix(home));
    match rest {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
        _ => path.to_owned(),
    }
}

struct Reader<'a> {
    host: &'a dyn Host,
    mac: bool,
    out: Startup,
}

/// How deep sourced files are followed.
const DEEPEST: usize = 5;

/// Sourced files that are programs rather than settings: only the line that sources them matters.
const PROGRAMS: &[&str] = &["nvm.sh", "bash_completion", "oh-my-zsh.sh", "git-prompt.sh", "bash_completion.sh", "z.sh"];

/// Every start-up file of every shell, below the home folder.
const ALL: &[&str] = &[
    "~/.bashrc",
    "~/.bash_profile",
    "~/.bash_login",
    "~/.profile",
    "~/.zshenv",
    "~/.zprofile",
    "~/.zshrc",
    "~/.zlogin",
    "~/.config/fish/config.fish",
];

impl Reader<'_> {
    fn bash(&mut self) {
        let login = ["~/.bash_profile", "~/.bash_login", "~/.profile"];
        let login = login.into_iter().find(|path| self.exists(path));
        if self.mac {
            self.add("/etc/profile", Read::Terminal);
            if let Some(login) = login {
                self.add(login, Read::Terminal);
            }
            login.unwrap_or("~/.bash_profile").clone_into(&mut self.out.rc);
        } else {
            self.add("/etc/environment", Read::Login);
            self.add("/etc/bash.bashrc", Read::Terminal);
            self.add("~/.bashrc", Read::Terminal);
            self.add("/etc/profile", Read::Login);
            if let Some(login) = login {
                self.add(login, Read::Login);
            }
            "~/.bashrc".clone_into(&mut self.out.rc);
        }
    }

    fn zsh(&mut self) {
        let login = if self.mac { Read::Terminal } else { Read::Login };
        // macOS keeps these in /etc, Linux distributions in /etc/zsh.
        let system = |name: &str| if self.mac { format!("/etc/{name}") } else { format!("/etc/zsh/{name}") };
        let (zshenv, zprofile, zshrc) = (system("zshenv"), system("zprofile"), system("zshrc"));
        if !self.mac {
            self.add("/etc/environment", Read::Login);
        }
        self.add(&zshenv, Read::Terminal);
        self.add_zsh(".zshenv", Read::Terminal);
        self.add(&zprofile, login);
        self.add_zsh(".zprofile", login);
        self.add(&zshrc, Read::Terminal);
        self.add_zsh(".zshrc", Read::Terminal);
        self.add_zsh(".zlogin", login);
        self.out.rc = self.zsh_file(".zshrc");
    }

    fn zsh_file(&self, name: &str) -> String {
        format!("{}/{name}", self.out.variables.get("ZDOTDIR").unwrap_or("~").trim_end_matches('/'))
    }

    fn add_zsh(&mut self, name: &str, read: Read) {
        let path = self.zsh_file(name);
        self.add(&path, read);
    }

    fn fish(&mut self) {
        let folder = format!("{}/fish", self.out.variables.get("XDG_CONFIG_HOME").unwrap_or("~/.config"));
        if !self.mac {
            self.add("/etc/environment", Read::Login);
        }
        self.add_folder("/etc/fish/conf.d", ".fish", Read::Terminal, "", 0);
        self.add_folder(&format!("{folder}/conf.d"), ".fish", Read::Terminal, "", 0);
        self.add("/etc/fish/config.fish", Read::Terminal);
        self.add(&format!("{folder}/config.fish"), Read::Terminal);
        self.add(&format!("{folder}/fish_variables"), Read::Terminal);
        self.out.rc = format!("{folder}/config.fish");
    }

    fn posix(&mut self) {
        self.add("/etc/profile", Read::Login);
        self.add("~/.profile", Read::Login);
        "~/.profile".clone_into(&mut self.out.rc);
    }

    fn exists(&self, path: &str) -> bool {
        self.host.stat(&self.full(path)).kind == PathKind::File
    }

    fn full(&self, path: &str) -> String {
        expand(path, self.host.home().as_deref())
    }

    fn add(&mut self, path: &str, read: Read) {
        self.follow(path, read, "", 0);
    }

    fn add_folder(&mut self, folder: &str, end: &str, read: Read, from: &str, depth: usize) {
        let names = self.host.list(&self.full(folder)).names;
        for name in names.iter().filter(|name| name.ends_with(end) && !name.ends_with('/')).take(50) {
            self.follow(&format!("{folder}/{name}"), read, from, depth);
        }
    }

    /// Reads a file, what it assigns and puts on PATH, and the files it sources.
    fn follow(&mut self, path: &str, read: Read, from: &str, depth: usize) {
        let path = tilde(path, self.host.home().as_deref());
        if let Some(known) = self.out.files.iter_mut().find(|file| file.path == path) {
            if read == Read::Terminal {
                known.read = read;
            }
            return;
        }
        if depth > DEEPEST || self.out.files.len() > 60 {
            return;
        }
        let content = self.host.read(&self.full(&path), View::Whole);
        let Some(text) = content.text() else { return };
        let crlf = content.content.0.windows(2).any(|pair| pair == b"\r\n");
        let file = StartFile { path: path.clone(), text: text.clone(), crlf, read, from: from.to_owned() };
        self.out.files.push(file);
        if path.ends_with("/fish_variables") {
            self.universal(&path, &text);
        }
        for (number, line) in text.lines().enumerate() {
            let line_words = words(line);
            if line_words.is_empty() {
                continue;
            }
            assign(&line_words, &mut self.out.variables);
            let place = Place { file: path.clone(), line: number + 1, text: line.trim().to_owned(), read };
            for folder in path_folders(&line_words, &self.out.variables) {
                self.out.paths.push((tilde(&folder, self.host.home().as_deref()), place.clone()));
            }
            for next in sourced(&line_words, &self.out.variables) {
                self.source(&next, read, &path, &text, depth + 1);
            }
        }
    }

    fn source(&mut self, next: &str, read: Read, from: &str, text: &str, depth: usize) {
        let name = file_name(next);
        if name == "oh-my-zsh.sh" {
            let folder = next.trim_end_matches("/oh-my-zsh.sh").to_owned();
            for plugin in plugins(text) {
                self.follow(&format!("{folder}/plugins/{plugin}/{plugin}.plugin.zsh"), read, from, depth);
            }
        }
        match next.split_once('*') {
            _ if PROGRAMS.contains(&name) || !next.starts_with(['/', '~']) => {}
            Some((folder, end)) if folder.ends_with('/') && !end.contains('/') => {
                self.add_folder(folder.trim_end_matches('/'), end, read, from, depth);
            }
            Some(_) => {}
            None => self.follow(next, read, from, depth),
        }
    }

    /// fish keeps what `set -U` set in a file of its own form: `SETUVAR fish_user_paths:/a\x1e/b`.
    fn universal(&mut self, path: &str, text: &str) {
        for (number, line) in text.lines().enumerate() {
            let Some((_, value)) = line.split_once("fish_user_paths:") else { continue };
            let place = Place { file: path.to_owned(), line: number + 1, text: line.to_owned(), read: Read::Terminal };
            let home = self.host.home();
            for folder in value.split(r"\x1e") {
                let folder = folder.replace(r"\x2e", ".").replace(r"\x2d", "-").replace(r"\x20", " ");
                self.out.paths.push((tilde(&folder, home.as_deref()), place.clone()));
            }
        }
    }

    fn unread(&mut self) {
        for path in ALL {
            if self.out.files.iter().all(|file| file.path != *path)
                && let Some(text) = self.host.read(&self.full(path), View::Whole).text()
            {
                let path = (*path).to_owned();
                self.out.unread.push(StartFile { path, text, crlf: false, read: Read::Never, from: String::new() });
            }
        }
    }
}

/// The plugins that oh-my-zsh is told to load: `plugins=(git pyenv)`, over several lines too.
fn plugins(text: &str) -> Vec<String> {
    let mut lines = text.lines().skip_while(|line| !line.trim_start().starts_with("plugins=("));
    let mut names = String::new();
    for line in lines.by_ref() {
        let line = line.split('#').next().unwrap_or("");
        names.push_str(line.trim_start().trim_start_matches("plugins=("));
        names.push(' ');
        if line.contains(')') {
            break;
        }
    }
    let names = names.split(')').next().unwrap_or("");
    names.split_whitespace().filter(|name| !name.contains('/')).take(50).map(str::to_owned).collect()
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
        let folder = folder.trim_end_matches('/');
        self.paths.iter().find(|(known, _)| known.trim_end_matches('/') == folder).map(|(_, place)| place)
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
    use super::*;
    use crate::{
        host::recording::{Recording, Replay, Unstated},
        model::{Platform, seen::FileSeen},
    };

    fn read(os: Os, shell: &str, files: &[(&str, &str)]) -> Startup {
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
