//! Following start-up files: which the shell reads, what they assign, what they put on PATH, what they source.

use std::sync::Arc;

use super::{
    script::{assign, path_folders, sourced, words},
    startup::{Place, Read, StartFile, Startup, shell_name, tilde},
};
use crate::{
    host::{Host, expand, file_name},
    model::{
        Os,
        seen::{PathKind, View},
    },
};

/// Reads the start-up files of the learner's shell: once a run, since a dozen checks ask.
pub fn startup(host: &dyn Host) -> Arc<Startup> {
    host.once("start-up files", &mut || Arc::new(read(host))).downcast().unwrap_or_else(|_| Arc::new(read(host)))
}

fn read(host: &dyn Host) -> Startup {
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
        let content = self.host.read(&self.full(&path), View::StartUp);
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
                && let Some(text) = self.host.read(&self.full(path), View::StartUp).text()
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
