//! What to do about a program that is there and cannot run: whoever installs it once more is told that all is well.

use crate::model::{
    Broken, Os, Platform, Step,
    effect::Commands,
    template::{Quote, quoted},
};

/// What is wrong with the program's file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    /// It cannot be started.
    Broken(Broken),
    /// It was ended by this signal.
    Signal(i32),
}

/// SIGILL, SIGABRT, SIGBUS, SIGSEGV: the program is to blame. Any other signal came from somebody else.
const OWN_FAULTS: &[i32] = &[4, 6, 7, 10, 11];

/// Folders whose files belong to packages.
const PACKAGED: &[&str] =
    &["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/", "/usr/lib/", "/opt/homebrew/", "/home/linuxbrew/"];

/// The way to install a program, changed for one that is there, at `program` if that is known, and cannot run.
pub(super) fn mend(step: Step, fault: Fault, program: Option<&str>, platform: &Platform, commands: &Commands) -> Step {
    let unix = platform.os != Os::Windows;
    let path = program.map(|path| quoted(path, if unix { Quote::Posix } else { Quote::PowerShell }));
    let admin = if program.is_some_and(|path| path.starts_with('~')) { "" } else { "sudo " };
    match (fault, &path) {
        (Fault::Broken(Broken::NotExecutable), Some(path)) if unix => {
            return Step { run: vec![format!("{admin}chmod +x {path}")], ..Step::default() }.with_rights_of(platform);
        }
        (Fault::Signal(signal), _) if !OWN_FAULTS.contains(&signal) => {
            let act = "Run `doctor` once more; if it is ended again, close other programs, because memory may be short, \
                       and then show this to your course staff";
            return Step { act: act.to_owned(), ..Step::default() };
        }
        _ => {}
    }
    let mut run: Vec<String> = step.run.iter().map(|command| commands.again(command)).collect();
    // A file of nobody's package is in the way of the one that the package brings.
    let own = program.is_some_and(|path| !PACKAGED.iter().any(|folder| path.starts_with(folder)));
    if let Some(path) = path.filter(|_| own && unix && !run.is_empty()) {
        let aside = Step { run: vec![format!("{admin}mv {path} {path}.broken")], ..Step::default() };
        run.splice(0..0, aside.with_rights_of(platform).run);
    }
    Step { run, ..step }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(fault: Fault, program: &str, word: &str) -> Vec<String> {
        let platform = Platform { root: word == "root", ..Platform::default() };
        let step =
            Step { run: vec!["sudo apt-get update && sudo apt-get install -y git".to_owned()], ..Step::default() };
        mend(step.with_rights_of(&platform), fault, Some(program), &platform, &Commands::default()).run
    }

    #[test]
    fn what_is_in_the_way_is_put_aside() {
        let dangling = Fault::Broken(Broken::Dangling);
        let install = "sudo apt-get update && sudo apt-get install -y git";
        assert_eq!(
            run(dangling, "/usr/local/bin/git", ""),
            ["sudo mv /usr/local/bin/git /usr/local/bin/git.broken", install]
        );
        assert_eq!(run(dangling, "~/bin/git", "root")[0], "mv ~/bin/git ~/bin/git.broken");
        assert_eq!(run(Fault::Signal(11), "/usr/bin/git", ""), [install]);
    }

    #[test]
    fn what_can_be_mended_where_it_is_stays() {
        assert_eq!(run(Fault::Broken(Broken::NotExecutable), "/opt/git", "root"), ["chmod +x /opt/git"]);
        assert_eq!(run(Fault::Signal(9), "/usr/bin/git", ""), [""; 0]);
    }
}
