//! Programs on PATH, looked at before they are run: which one wins, what it hides, what it really is.

use std::time::Duration;

use crate::{
    host::{Command, Host, file_name},
    model::{
        Broken, Evidence, Observation, Os, Platform, Seen, Source,
        condition::streams,
        seen::{Candidate, End, PathKind, Ran},
    },
};

/// What stands behind a program's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing special.
    Plain,
    /// A pyenv shim.
    Pyenv,
    /// An asdf shim.
    Asdf,
    /// A mise shim: running it may install something.
    Mise,
    /// A Volta shim.
    Volta,
    /// A Corepack shim: running it may download something.
    Corepack,
    /// A Conda environment's program.
    Conda,
    /// Homebrew's.
    Homebrew,
    /// A snap.
    Snap,
    /// nvm's.
    Nvm,
    /// fnm's.
    Fnm,
    /// A program of Windows, seen from WSL.
    Windows,
    /// Docker Desktop's, linked into WSL or placed by the app.
    DockerDesktop,
}

impl Kind {
    /// The fact `kind`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Pyenv => "pyenv-shim",
            Self::Asdf => "asdf-shim",
            Self::Mise => "mise-shim",
            Self::Volta => "volta-shim",
            Self::Corepack => "corepack-shim",
            Self::Conda => "conda",
            Self::Homebrew => "homebrew",
            Self::Snap => "snap",
            Self::Nvm => "nvm",
            Self::Fnm => "fnm",
            Self::Windows => "windows",
            Self::DockerDesktop => "docker-desktop",
        }
    }
}

/// What stands behind a candidate, by its paths.
pub fn kind(candidate: &Candidate, platform: &Platform) -> Kind {
    let (path, real) = (candidate.path.replace('\\', "/"), candidate.real().replace('\\', "/"));
    let either = |part: &str| path.contains(part) || real.contains(part);
    let shim = |manager: &str| path.contains(&format!("{manager}/shims/"));
    if platform.wsl > 0 && is_windows_path(&path) {
        Kind::Windows
    } else if shim("pyenv") || path.contains("/pyenv-win/shims/") {
        Kind::Pyenv
    } else if shim(".asdf") || shim("asdf") {
        Kind::Asdf
    } else if shim("mise") || file_name(&real) == "mise" {
        Kind::Mise
    } else if either("/.volta/") || file_name(&real) == "volta-shim" {
        Kind::Volta
    } else if real.contains("/corepack/dist/") || real.contains("/corepack/shims/") {
        Kind::Corepack
    } else if either("/wsl/docker-desktop/") || either("/Docker.app/") || either("/Docker/Docker/") {
        Kind::DockerDesktop
    } else if either("conda3/")
        || either("/miniconda")
        || either("/anaconda")
        || either("/miniforge")
        || either("/conda/")
    {
        Kind::Conda
    } else if either("/.nvm/versions/") || either("/nvm/versions/") {
        Kind::Nvm
    } else if either("/fnm_multishells/") || either("/fnm/node-versions/") {
        Kind::Fnm
    } else if either("/Cellar/") || either("/opt/homebrew/") || either("/linuxbrew/") {
        Kind::Homebrew
    } else if path.starts_with("/snap/") || real.starts_with("/snap/") || real == "/usr/bin/snap" {
        Kind::Snap
    } else {
        Kind::Plain
    }
}

/// Whether a path lies on a Windows drive as WSL mounts it: `/mnt/c/…`, `/c/…` where the mount root was moved to the
/// top, or a folder that only Windows has below a drive's letter wherever it was moved.
pub fn is_windows_path(path: &str) -> bool {
    const WINDOWS: &[&str] = &["windows", "users", "program files", "program files (x86)", "programdata"];
    let drive = |part: &str| part.len() == 1 && part.starts_with(|c: char| c.is_ascii_alphabetic());
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["mnt", letter, _, ..] | [letter, _, ..] if drive(letter) => true,
        ["home", ..] => false,
        parts => parts.windows(2).any(|two| drive(two[0]) && WINDOWS.contains(&two[1].to_ascii_lowercase().as_str())),
    }
}

/// A program found on PATH and looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The one that wins.
    pub first: Candidate,
    /// All of them in PATH order, the first one too.
    pub all: Vec<Candidate>,
    /// What stands behind the first one.
    pub kind: Kind,
    /// Why it must not or cannot be run.
    pub broken: Option<Broken>,
}

/// Programs that macOS puts into `/usr/bin` as stand-ins for the Command Line Tools.
const APPLE_SHIMS: &[&str] = &["git", "python3", "pip3", "clang", "gcc", "cc", "make", "ld", "swift", "g++", "c++"];

/// Finds a program and says what it is, without running it.
pub fn inspect(host: &dyn Host, name: &str) -> Option<Program> {
    let all = host.which(name);
    let first = all.first()?.clone();
    let platform = host.platform();
    let mut kind = kind(&first, platform);
    if platform.wsl > 0 && kind != Kind::Windows {
        // The learner may have moved the place where drives are mounted.
        let drives = super::inside::Conf::read(host).drives();
        if drives != "/mnt/" && super::inside::on_drive(&first.path, &drives) {
            kind = Kind::Windows;
        }
    }
    // An alias is an empty file to some who look into it, and to others none that can be opened.
    let broken = is_store_alias(host, &first, platform).then_some(Broken::StoreAlias).or(first.broken).or_else(|| {
        if kind == Kind::Windows {
            Some(Broken::WindowsProgram)
        } else if is_apple_shim(&first, platform) && !command_line_tools(host) {
            Some(Broken::AppleShim)
        } else {
            None
        }
    });
    Some(Program { first, all, kind, broken })
}

fn is_store_alias(host: &dyn Host, candidate: &Candidate, platform: &Platform) -> bool {
    platform.os == Os::Windows
        && candidate.path.replace('\\', "/").contains("/Microsoft/WindowsApps/")
        && matches!(
            file_name(&candidate.path).to_ascii_lowercase().trim_end_matches(".exe"),
            "python" | "python3" | "py"
        )
        && host.stat(&candidate.path).size == Some(0)
}

fn is_apple_shim(candidate: &Candidate, platform: &Platform) -> bool {
    platform.os == Os::Macos && candidate.path.strip_prefix("/usr/bin/").is_some_and(|name| APPLE_SHIMS.contains(&name))
}

/// Whether Apple's Command Line Tools are there: the selected folder exists and has a git. `xcode-select -p` never
/// opens a dialog, and prints folders that are gone with exit 0.
pub fn command_line_tools(host: &dyn Host) -> bool {
    let ran = host.run(&Command::new(["/usr/bin/xcode-select", "-p"]));
    let folder = ran.stdout.text().trim().to_owned();
    ran.end == End::Exited(0)
        && !folder.is_empty()
        && host.stat(&format!("{folder}/usr/bin/git")).kind == PathKind::File
}

/// Runs a program found on PATH after looking at it; `windows_ok` lets a Windows program on WSL's PATH run.
pub fn observe(
    host: &dyn Host,
    argv: &[String],
    env: &[(String, String)],
    timeout: Option<Duration>,
    windows_ok: bool,
) -> Observation {
    let Some(name) = argv.first() else { return Observation::absent() };
    let Some(program) = inspect(host, name) else {
        return Observation {
            evidence: Evidence { argv: argv.to_vec(), ..Evidence::default() },
            ..Observation::absent()
        };
    };
    let mut seen = Observation { seen: Seen::Facts, ..Observation::default() };
    describe(&program, &mut seen);
    argv.clone_into(&mut seen.evidence.argv);
    match program.broken.filter(|why| !(windows_ok && *why == Broken::WindowsProgram)) {
        Some(why) => seen.seen = Seen::Broken(why),
        None => {
            let command = Command { env: env.to_vec(), ..Command::new(argv.iter().cloned()) }.timeout(timeout);
            record(host.run(&command), &mut seen);
        }
    }
    seen
}

/// Writes what a program is into facts and evidence.
pub fn describe(program: &Program, seen: &mut Observation) {
    let mut fact = |name: &str, value: &str| {
        seen.facts.insert(name.to_owned(), value.to_owned());
    };
    fact("program", &program.first.path);
    fact("real", program.first.real());
    fact("kind", program.kind.word());
    if program.all.len() > 1 {
        let others: Vec<&str> = program.all[1..].iter().map(|candidate| candidate.path.as_str()).collect();
        fact("others", &others.join(", "));
    }
    seen.evidence.program.clone_from(&program.first.path);
    seen.evidence.candidates = program.all.iter().map(|candidate| candidate.path.clone()).collect();
}

/// Writes what running showed into an observation.
pub fn record(ran: Ran, seen: &mut Observation) {
    let (stdout, stderr) = (ran.stdout.text(), ran.stderr.text());
    seen.seen = match ran.end {
        End::Exited(code) => Seen::Exited { code, stdout, stderr },
        End::Signal(signal) => Seen::Signal { signal, stdout, stderr },
        End::TimedOut => Seen::TimedOut { stdout, stderr },
        End::Absent => Seen::Absent,
        End::Broken(why) => Seen::Broken(why),
    };
    seen.evidence.ms += ran.ms;
    seen.evidence.source = Source::Command;
    if let Seen::Exited { code, .. } = seen.seen {
        seen.evidence.exit = Some(code);
    }
    seen.evidence.excerpt = excerpt(&seen.seen);
}

/// How much of an output may end up in an excerpt, characters; far more than is shown, because masking shortens it.
const KEPT: usize = 16 * 1024;

/// Both streams, the one with the errors first; what of it is shown is cut out once it is masked.
pub fn excerpt(seen: &Seen) -> String {
    let (stdout, stderr) = streams(seen);
    let lines = stderr.lines().chain(stdout.lines()).map(str::trim_end).filter(|line| !line.is_empty());
    lines.flat_map(|line| line.chars().chain(['\n'])).take(KEPT).collect()
}

#[cfg(test)]
mod tests {
    use super::is_windows_path;

    #[test]
    fn windows_drives_are_known_wherever_they_are_mounted() {
        for path in ["/mnt/c/tools/git", "/c/tools/git", "/windir/c/Program Files/nodejs/npm", "/mnt/host/d/Users/x/y"]
        {
            assert!(is_windows_path(path), "{path}");
        }
        for path in ["/usr/bin/git", "/home/c/bin/git", "/mnt/wsl/docker-desktop/cli", "/home/ada/x/bin/y", "/mnt/c"] {
            assert!(!is_windows_path(path), "{path}");
        }
    }
}
