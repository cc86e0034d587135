//! What must hold where the machine around doctor is odd.

use std::fs;

use crate::doctor::{doctor, replayed};

#[test]
fn options_stand_where_people_put_them() {
    for words in ["-q git.name", "git.name -q", "check -q git.name", "-q check git.name", "check git.name -q"] {
        let shown = replayed("healthy", words).run().code(0);
        assert_eq!(shown.stdout, "Ready: 2 checks passed\n", "{words}");
    }
    let shown = replayed("healthy", "--only git,docker.cli --skip git.branch -q").run().code(0);
    assert_eq!(shown.stdout, "Ready: 3 checks passed\n");
    let shown = replayed("warned", "git --level required -q").run().code(0);
    assert_eq!(shown.stdout, "Ready: 2 checks passed\n");
}

#[test]
fn every_exit_code_has_one_document() {
    for (machine, words, code) in [
        ("healthy", "git --format json", 0),
        ("troubled", "git --format=json", 1),
        ("healthy", "gti --format json", 2),
        ("healthy", "--format json --nonsense", 2),
        ("healthy", "git --output json=-", 0),
        ("healthy", "gti --output json=-", 2),
        ("healthy", "git --skip git --format json", 2),
        ("healthy", "git --format json --output /nowhere/r.json", 2),
    ] {
        let shown = replayed(machine, words).run().code(code);
        assert_eq!(shown.json()["schema"], 1, "{words}");
        assert_eq!(code == 2, shown.json()["error"]["message"].is_string(), "{words}");
        assert_eq!(code == 2, !shown.stderr.is_empty(), "{words}");
    }
}

#[test]
fn several_reports_come_from_one_run() {
    let mut run = replayed("troubled", "git").args(["--output", "a.json", "--output", "json=b", "--output", "c.txt"]);
    let shown = run.run().code(1);
    let read = |name: &str| fs::read_to_string(run.home.path().join(name)).unwrap();
    assert_eq!(read("a.json"), read("b"));
    assert!(read("a.json").starts_with('{') && read("c.txt").starts_with("Not ready"));
    assert!(shown.stdout.starts_with("Not ready"));
    let names: Vec<_> = fs::read_dir(run.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "nothing else is left there: {names:?}");
}

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    replayed("healthy", "git --output /nowhere/r.json")
        .run()
        .code(2)
        .says("/nowhere/r.json cannot be written: there is no such file or folder");
    replayed("healthy", "git --output json=bin").run().code(2).says("bin cannot be written: it is a folder");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    for words in ["git", "git --format json", "--help", "--version", "list", "schema"] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let run = if words.starts_with("git") { replayed("healthy", words) } else { doctor(words) };
        run.stdout(full).run().code(2).says("standard output cannot be written: the disk is full");
    }
    // A device is written to and never replaced.
    replayed("healthy", "git --output json=/dev/null").run().code(0);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    replayed("healthy", "git --output json=/dev/full")
        .run()
        .code(2)
        .says("/dev/full cannot be written: the disk is full");
}

#[cfg(unix)]
#[test]
fn a_reader_that_went_away_is_no_failure() {
    for (machine, code) in [("healthy", 0), ("troubled", 1)] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let shown = replayed(machine, "git").stdout(writer).run().code(code);
        assert_eq!(shown.stderr, "");
    }
}

#[test]
fn a_mistake_in_a_check_file_is_shown_with_its_place() {
    let text = "tool = \"X\"\nstep = 1\n[[check]]\nid = \"a\"\ntitel = \"A\"\n";
    doctor("--checks own -q").with("own/x.toml", text).run().code(2).says("x.toml:5:1: unknown field `titel`");
    doctor("--checks nowhere").run().code(2).says("nowhere cannot be read: there is no such file or folder");
    doctor("--checks bin").run().code(2).says("there is no check file (*.toml) in bin");
}

#[test]
fn a_recording_that_is_none_is_said() {
    doctor("--replay r.json").run().code(2).says("r.json: there is no such file or folder");
    doctor("--replay r.json").with("r.json", "[1").run().code(2).says("r.json: ");
}

#[test]
fn colours_come_only_when_asked_for_or_on_a_terminal() {
    let coloured = |run: crate::doctor::Doctor| { run }.run().stdout.contains('\u{1b}');
    let run = || replayed("healthy", "git");
    assert!(!coloured(run()));
    assert!(!coloured(run().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
    assert!(!coloured(run().env("CLICOLOR_FORCE", "0")));
    assert!(coloured(run().env("CLICOLOR_FORCE", "1")));
    assert!(coloured(run().env("NO_COLOR", "1").args(["--color", "always"])));
    assert!(!coloured(run().env("CLICOLOR_FORCE", "1").args(["--color", "never"])));
}
