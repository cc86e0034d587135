//! What doctor reads out of start-up files, against the shells themselves: the same files are given to the real zsh, fish
//! and bash. A shell that is not installed here is named and left out. Not here, because doctor reads them otherwise: what
//! only a log-in reads, which is a state of its own, and lines that a test or a `return` before them switches off.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "support/mod.rs"]
mod support;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use doctor::{
    diagnose::diagnose,
    exam::probe::observe,
    host::recording::{Recording, Replay, Unstated},
};

/// Start-up files by their names below the home folder; `~/a/bin` is the folder that they may put on PATH.
type Files = &'static [(&'static str, &'static str)];

const ZSH: &[Files] = &[
    &[(".zshrc", "export PATH=\"$HOME/a/bin:$PATH\"\n")],
    &[(".zshrc", "PATH=~/a/bin:$PATH\n")],
    &[(".zshenv", "path+=~/a/bin\n")],
    &[(".zshrc", "path+=(\"$HOME/a/bin\")\n")],
    &[(".zshrc", "typeset -U path\npath=(~/a/bin $path)\nexport PATH\n")],
    &[(".zshrc", "if [ -d \"$HOME/a/bin\" ]; then\n  PATH=\"$HOME/a/bin:$PATH\"\nfi\n")],
    &[(".zshrc", "[[ -d $HOME/a/bin ]] && export PATH=\"$HOME/a/bin:$PATH\"\n")],
    &[(".zshrc", "source ~/.aliases\n"), (".aliases", "export PATH=$HOME/a/bin:$PATH\n")],
    &[(".zshrc", "[ -f ~/.aliases ] && . ~/.aliases\n"), (".aliases", "export PATH=$HOME/a/bin:$PATH\n")],
    &[(".zshenv", "export ZDOTDIR=$HOME/.config/zsh\n"), (".config/zsh/.zshrc", "export PATH=$HOME/a/bin:$PATH\n")],
    &[(".zshenv", "export ZDOTDIR=$HOME/.config/zsh\n"), (".zshrc", "export PATH=$HOME/a/bin:$PATH\n")],
    &[(".zshrc", "# export PATH=$HOME/a/bin:$PATH\n")],
    &[(".zshrc", "export A=$HOME/a\nexport PATH=$A/bin:$PATH\n")],
    &[(".bashrc", "export PATH=$HOME/a/bin:$PATH\n")],
    &[(".profile", "export PATH=$HOME/a/bin:$PATH\n")],
    &[(".bash_profile", "export PATH=$HOME/a/bin:$PATH\n")],
    &[(".zshrc", "alias ll='ls -l'\n")],
];

const FISH: &[Files] = &[
    &[(".config/fish/config.fish", "set -gx PATH $HOME/a/bin $PATH\n")],
    &[(".config/fish/config.fish", "set -x PATH ~/a/bin $PATH\n")],
    &[(".config/fish/config.fish", "set PATH ~/a/bin $PATH\n")],
    &[(".config/fish/config.fish", "fish_add_path ~/a/bin\n")],
    &[(".config/fish/config.fish", "fish_add_path -g \"$HOME/a/bin\"\n")],
    &[(".config/fish/config.fish", "set -gx A ~/a\nfish_add_path $A/bin\n")],
    &[(".config/fish/conf.d/tools.fish", "set -gx PATH $HOME/a/bin $PATH\n")],
    &[(".config/fish/config.fish", "if status is-interactive\n    fish_add_path ~/a/bin\nend\n")],
    &[(".config/fish/config.fish", "test -d ~/a/bin; and set -gx PATH ~/a/bin $PATH\n")],
    &[(".config/fish/config.fish", "export PATH=\"$HOME/a/bin:$PATH\"\n")],
    &[(".config/fish/config.fish", "contains ~/a/bin $PATH; or set -gx PATH ~/a/bin $PATH\n")],
    &[(".config/fish/config.fish", "source ~/.aliases.fish\n"), (".aliases.fish", "fish_add_path ~/a/bin\n")],
    &[(".config/fish/config.fish", "# fish_add_path ~/a/bin\n")],
    &[(".config/fish/config.fish", "set -U fish_user_paths ~/a/bin $fish_user_paths\n")],
    &[(".bashrc", "export PATH=$HOME/a/bin:$PATH\n")],
    &[(".zshrc", "export PATH=$HOME/a/bin:$PATH\n")],
    &[(".config/fish/config.fish", "alias ll 'ls -l'\n")],
];

const BASH: &[Files] = &[
    &[(".bashrc", "export PATH=\"$PATH:$HOME/a/bin\"\n")],
    &[(".bash_profile", "echo\n"), (".profile", "export PATH=$HOME/a/bin:$PATH\n")],
    &[(".bashrc", "case $- in\n  *i*) ;;\n  *) return;;\nesac\nexport PATH=$HOME/a/bin:$PATH\n")],
    &[(".bashrc", "[ -z \"$PS1\" ] && return\nexport PATH=$HOME/a/bin:$PATH\n")],
    &[(".bashrc", "if [ -d \"$HOME/a/bin\" ] ; then\n  PATH=\"$HOME/a/bin:$PATH\"\nfi\n")],
    &[(".bashrc", "for f in ~/.bashrc.d/*; do\n  . \"$f\"\ndone\n"), (".bashrc.d/path", "PATH=$HOME/a/bin:$PATH\n")],
    &[(".bashrc", "# export PATH=$HOME/a/bin:$PATH\n")],
    &[(".zshrc", "export PATH=$HOME/a/bin:$PATH\n")],
];

/// A home folder for one set of files, removed at the end.
struct Home(PathBuf);

impl Home {
    fn new(name: &str, files: Files) -> Self {
        let home = std::env::temp_dir().join(format!("doctor-shells-{}-{name}", std::process::id()));
        let tool = home.join("a/bin/tool");
        fs::create_dir_all(tool.parent().unwrap()).unwrap();
        fs::write(&tool, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
        for (file, text) in files {
            let path = home.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(home)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Whether a new terminal of the real shell has the folder on PATH.
fn really(shell: &str, home: &Path) -> bool {
    // bash reads ~/.bashrc in each terminal and the profile at log-in, the others both in one.
    let script = if shell == "bash" { "exec bash -ic 'printenv PATH'" } else { "printenv PATH" };
    let flags = if shell == "bash" { "-lc" } else { "-lic" };
    let output = Command::new(shell)
        .args([flags, script])
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("TERM", "dumb")
        .current_dir(home)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let folder = home.join("a/bin");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().any(|line| line.split(':').any(|entry| Path::new(entry.trim_end_matches('/')) == folder))
}

/// Whether doctor says that the start-up files put the folder on PATH, in a terminal where it is not.
fn derived(shell: &str, files: Files) -> bool {
    let mut machine =
        format!("path = [\"/usr/local/bin\", \"/usr/bin\", \"/bin\"]\nenv = {{ SHELL = \"/bin/{shell}\" }}\n");
    machine += &format!("programs.{shell} = [{{ path = \"/bin/{shell}\" }}]\n");
    machine += "files.\"~/a/bin/tool\" = { kind = \"file\" }\n";
    let texts: BTreeMap<&str, &str> = files.iter().copied().collect();
    for (file, text) in texts {
        machine += &format!("files.\"~/{file}\" = {{ kind = \"file\", content = {text:?} }}\n");
    }
    // doctor asks the shell before it speaks; that it agrees to everything leaves what the files alone say.
    machine += &format!(
        "commands = [{{ argv = [\"/bin/{shell}\", \"-lic\", \"…\"], ran = {{ end = {{ exited = 0 }}, stdout = {:?} }} }}]\n",
        "\n:doctor:\n~/a/bin:/usr/local/bin:/usr/bin:/bin\n"
    );
    let mut recording: Recording = toml::from_str(&machine).unwrap_or_else(|error| panic!("{machine}\n{error}"));
    recording.unstated = Unstated::Absent;
    recording.platform = support::platform("linux");
    recording.platform.shell = shell.to_owned();
    recording.home = Some("~".to_owned());
    let catalog = support::catalog();
    let subject = catalog.find("shell.path").unwrap();
    let platform = recording.platform.clone();
    let seen = observe(&subject.check.probe, &Replay::new(recording), false);
    let finding = diagnose(subject, seen, &platform, &catalog.calendar);
    finding.diagnosis.as_deref() == Some("shell.path/not-in-this-terminal")
}

fn compare(shell: &str, sets: &[Files]) {
    if Command::new(shell).args(["-c", "exit 0"]).stdin(Stdio::null()).status().is_err() {
        println!("left out: {shell} is not installed here");
        return;
    }
    let mut wrong = Vec::new();
    for (at, files) in sets.iter().enumerate() {
        let home = Home::new(&format!("{shell}-{at}"), files);
        let (real, ours) = (really(shell, &home.0), derived(shell, files));
        if real != ours {
            wrong.push(format!("{files:?}: {shell} has it: {real}, doctor says: {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), sets.len(), wrong.join("\n"));
}

#[test]
fn zsh_reads_what_doctor_says() {
    compare("zsh", ZSH);
}

#[test]
fn fish_reads_what_doctor_says() {
    compare("fish", FISH);
}

#[test]
fn bash_reads_what_doctor_says() {
    compare("bash", BASH);
}
