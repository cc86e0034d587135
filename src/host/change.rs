//! Changing the machine: what the person agreed to, and nothing else. Only `doctor fix` comes here.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{expand, file_name, process, scratch::Scratch};
use crate::model::{Os, Platform};

/// The shell that the person types into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    /// Its program.
    program: String,
    /// Its name: `bash`, `zsh`, `fish`, `sh`, `powershell`.
    name: String,
    /// Whether new terminals start it as a login shell, as on macOS.
    login: bool,
}

impl Shell {
    /// That of a machine; `found` is the program of that name on PATH.
    pub fn of(platform: &Platform, set: Option<String>, found: impl Fn(&str) -> Option<String>) -> Self {
        let name = match platform.shell.as_str() {
            "" if platform.os == Os::Windows => "powershell",
            "" => "sh",
            name => name,
        };
        let program = set.filter(|path| file_name(path) == name).or_else(|| found(name));
        let (name, program) = match program {
            Some(program) => (name.to_owned(), program),
            None if platform.os == Os::Windows => ("powershell".to_owned(), "powershell.exe".to_owned()),
            None => ("sh".to_owned(), "/bin/sh".to_owned()),
        };
        Self { program, name, login: platform.os == Os::Macos }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its program.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Commands as one script: each is shown before it runs, and the first that fails ends it with its code.
    fn script(&self, commands: &[&str]) -> String {
        let one = |command: &&str| match self.name.as_str() {
            "fish" => {
                let shown = command.replace('\\', "\\\\").replace('\'', "\\'");
                format!(
                    "printf '  $ %s\\n' '{shown}'\n{command}\nset doctor_code $status\ntest $doctor_code = 0; or exit $doctor_code\n"
                )
            }
            "powershell" | "pwsh" => {
                let shown = command.replace('\'', "''");
                format!("Write-Host '  > {shown}'\n{command}\nif (-not $?) {{ exit 1 }}\n")
            }
            _ => {
                let shown = command.replace('\'', r"'\''");
                format!(
                    "printf '  $ %s\\n' '{shown}'\n{command}\ndoctor_code=$?; [ -z \"$doctor_stopped\" ] || exit 130\n\
                     [ $doctor_code = 0 ] || exit $doctor_code\n"
                )
            }
        };
        let commands: String = commands.iter().map(one).collect();
        match self.name.as_str() {
            // Some programs end themselves on Ctrl-C as if they had only failed; so the shell hears it too.
            "bash" | "zsh" => format!("set +m; trap 'doctor_stopped=yes' INT\n{commands}"),
            _ => commands,
        }
    }

    /// Runs commands as if they were typed into a new terminal: with the start-up files, with this terminal's input, and
    /// with their output shown. Ctrl-C is for them. The exit code; nothing where a signal ended them.
    ///
    /// # Errors
    /// The system's reason why the shell could not be started.
    pub fn run(&self, commands: &[&str], as_login: bool) -> io::Result<Option<i32>> {
        let script = self.script(commands);
        let mut command = match self.name.as_str() {
            "powershell" | "pwsh" => {
                let mut command = Command::new(&self.program);
                command.args(["-NoLogo", "-Command", &script]);
                command
            }
            "bash" | "zsh" => {
                // What start-up files complain of is not about these commands, nor is that there may be no terminal.
                let option = if as_login || self.login { "-lic" } else { "-ic" };
                let mut command = Command::new("/bin/sh");
                let hush = r#"exec "$0" "$1" "exec 2>&3 3>&-
$2" 3>&2 2>/dev/null"#;
                command.args(["-c", hush, &self.program, option, &script]);
                command
            }
            "fish" => {
                let mut command = Command::new(&self.program);
                command.args([if as_login { "-lic" } else { "-ic" }, &script]);
                command
            }
            _ => {
                let mut command = Command::new(&self.program);
                command.args(["-c", &script]);
                command
            }
        };
        let ended = process::aside(|| command.status());
        terminal::take_back();
        ended.map(|status| status.code())
    }

    /// Runs one command quietly, without start-up files, with `input` to read. Its code and what it complained of.
    ///
    /// # Errors
    /// The system's reason why it could not be started.
    pub fn quietly(&self, command: &str, input: &str) -> io::Result<(Option<i32>, String)> {
        let mut child = Command::new(&self.program)
            .args(["-c", command])
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that does not read is no failure.
            let _ = stdin.write_all(input.as_bytes());
        }
        let out = child.wait_with_output()?;
        Ok((out.status.code(), String::from_utf8_lossy(&out.stderr).trim().to_owned()))
    }
}

/// The terminal belongs to whoever was started last; an interactive shell that was killed does not give it back.
mod terminal {
    #[cfg(unix)]
    pub(super) fn take_back() {
        // SAFETY: the set is whole once it was emptied; nothing but this thread's own mask and terminal is changed.
        unsafe {
            let mut set = std::mem::zeroed::<libc::sigset_t>();
            let mut before = std::mem::zeroed::<libc::sigset_t>();
            libc::sigemptyset(&mut set);
            libc::sigaddset(&mut set, libc::SIGTTOU);
            if libc::pthread_sigmask(libc::SIG_BLOCK, &set, &mut before) == 0 {
                libc::tcsetpgrp(0, libc::getpgrp());
                libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut());
            }
        }
    }

    #[cfg(not(unix))]
    pub(super) fn take_back() {}
}

/// A text file that is to change, and what it is to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The file.
    pub file: PathBuf,
    /// What stands in it now; empty where there is none.
    pub old: String,
    /// What shall stand in it.
    pub new: String,
}

/// Tries commands on a copy of a file. Each is given with the copy's place marked by `mark`.
///
/// # Errors
/// What the command complained of, or the system's reason.
pub fn try_on_copy(shell: &Shell, file: &Path, commands: &[(String, String)], mark: &str) -> io::Result<Trial> {
    let scratch = Scratch::new();
    let tried = try_in(&scratch, shell, file, commands, mark);
    super::scratch::remove(Some(&scratch));
    tried
}

fn try_in(
    scratch: &Scratch,
    shell: &Shell,
    file: &Path,
    commands: &[(String, String)],
    mark: &str,
) -> io::Result<Trial> {
    let old = match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let copy = scratch.path().join("copy");
    if !old.is_empty() {
        fs::write(&copy, &old)?;
    }
    for (command, input) in commands {
        let command = command.replace(mark, &format!("'{}'", copy.display()));
        let (code, words) = shell.quietly(&command, input)?;
        // `grep -q … || echo …` ends with 0 whether or not there was something to add.
        if code != Some(0) {
            return Err(io::Error::other(if words.is_empty() { format!("it ended with {code:?}") } else { words }));
        }
    }
    let new = match fs::read_to_string(&copy) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    Ok(Trial { file: file.to_owned(), old, new })
}

/// Writes what was tried, at once or not at all; the old file stays beside it under the name that is given back.
///
/// # Errors
/// The system's reason; the file is then as it was.
pub fn write(trial: &Trial, stamp: &str) -> io::Result<Option<PathBuf>> {
    // A link stays a link: what it leads to is written.
    let file = fs::canonicalize(&trial.file).unwrap_or_else(|_| trial.file.clone());
    let name = file.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_string_lossy().into_owned();
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let exists = fs::metadata(&file).ok();
    let backup = match &exists {
        Some(_) => {
            let mut beside = file.with_file_name(format!("{name}.before-doctor-{stamp}"));
            for number in 2.. {
                if fs::symlink_metadata(&beside).is_err() {
                    break;
                }
                beside = file.with_file_name(format!("{name}.before-doctor-{stamp}-{number}"));
            }
            fs::copy(&file, &beside)?;
            Some(beside)
        }
        None => None,
    };
    let part = file.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::File::create_new(&part).and_then(|mut out| {
        out.write_all(trial.new.as_bytes())?;
        if let Some(known) = &exists {
            fs::set_permissions(&part, known.permissions())?;
        }
        out.sync_all()?;
        fs::rename(&part, &file)
    });
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written.map(|()| backup)
}

/// The file that `git config --global` writes: `~/.gitconfig`, unless only the other one exists or one is named.
pub fn git_config(home: Option<&str>, env: impl Fn(&str) -> Option<String>) -> PathBuf {
    if let Some(named) = env("GIT_CONFIG_GLOBAL") {
        return PathBuf::from(named);
    }
    let usual = PathBuf::from(expand("~/.gitconfig", home));
    let folder = env("XDG_CONFIG_HOME").unwrap_or_else(|| expand("~/.config", home));
    let other = Path::new(&folder).join("git/config");
    if !usual.exists() && other.exists() { other } else { usual }
}

/// What was run and what became of it, a line each, written as it happens.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: fs::File,
}

impl Log {
    /// Begins one below the folder where programs keep their state.
    ///
    /// # Errors
    /// The system's reason.
    pub fn begin(stamp: &str) -> io::Result<Self> {
        let folder = dirs::state_dir().or_else(dirs::data_local_dir).ok_or(io::ErrorKind::NotFound)?.join("doctor");
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("fix-{stamp}.log"));
        let file = fs::OpenOptions::new().create(true).append(true).open(&path)?;
        Ok(Self { path, file })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a line. A full disk must not keep a machine from being mended.
    pub fn line(&mut self, line: &str) {
        let _ = writeln!(self.file, "{}", line.replace('\n', "\n    "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn shell() -> Shell {
        Shell { program: "/bin/sh".to_owned(), name: "sh".to_owned(), login: false }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_changed_at_once_with_its_mode_and_its_link_and_the_old_one_stays() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("real"), folder.path().join("rc"));
        fs::write(&file, "a\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&file, &link).unwrap();
        let add = [("grep -qs b MARK || echo b >> MARK".to_owned(), String::new())];
        let trial = try_on_copy(&shell(), &link, &add, "MARK").unwrap();
        assert_eq!((trial.old.as_str(), trial.new.as_str()), ("a\n", "a\nb\n"));
        assert_eq!(fs::read_to_string(&file).unwrap(), "a\n", "a trial changes nothing");
        let backup = write(&trial, "now").unwrap().unwrap();
        assert_eq!(fs::read_to_string(&backup).unwrap(), "a\n");
        assert_eq!(fs::read_to_string(&link).unwrap(), "a\nb\n");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let again = try_on_copy(&shell(), &link, &add, "MARK").unwrap();
        assert_eq!(again.old, again.new, "twice is once");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing else lies about");
    }

    #[cfg(unix)]
    #[test]
    fn values_are_read_and_a_failure_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new");
        let ask =
            [("printf 'Name: ' && read -r name && echo \"name = $name\" >> MARK".to_owned(), "Ada; King\n".to_owned())];
        assert_eq!(try_on_copy(&shell(), &file, &ask, "MARK").unwrap().new, "name = Ada; King\n");
        let bad = [("echo broken >&2; false".to_owned(), String::new())];
        assert_eq!(try_on_copy(&shell(), &file, &bad, "MARK").unwrap_err().to_string(), "broken");
        assert!(!file.exists());
    }

    #[test]
    fn git_writes_the_file_that_is_there() {
        let home = tempfile::tempdir().unwrap();
        let at = home.path().to_str().unwrap();
        let none = |_: &str| None;
        assert!(git_config(Some(at), none).ends_with(".gitconfig"));
        fs::create_dir_all(home.path().join(".config/git")).unwrap();
        fs::write(home.path().join(".config/git/config"), "").unwrap();
        assert!(git_config(Some(at), none).ends_with("git/config"));
        fs::write(home.path().join(".gitconfig"), "").unwrap();
        assert!(git_config(Some(at), none).ends_with(".gitconfig"));
        assert_eq!(git_config(Some(at), |_| Some("/x/y".to_owned())), Path::new("/x/y"));
    }
}
