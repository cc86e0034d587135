//! What must hold where the machine around doctor is odd.

use std::fs;

use crate::doctor::{doctor, replayed};

#[test]
fn options_stand_where_people_put_them() {
    for words in [
        "-q demo-git.name",
        "demo-git.name -q",
        "check -q demo-git.name",
        "-q check demo-git.name",
        "check demo-git.name -q",
    ] {
        let shown = replayed("healthy", words).run().code(0);
        assert_eq!(shown.stdout, "Ready: 2 checks passed\n", "{words}");
    }
    let shown = replayed("healthy", "--only demo-git,demo-docker.cli --skip demo-git.branch -q").run().code(0);
    assert_eq!(shown.stdout, "Ready: 3 checks passed\n");
    let shown = replayed("warned", "demo-git --level required -q").run().code(0);
    assert_eq!(shown.stdout, "Ready: 2 checks passed\n");
}

#[test]
fn every_exit_code_has_one_document() {
    for (machine, words, code) in [
        ("healthy", "demo-git --format json", 0),
        ("troubled", "demo-git --format=json", 1),
        ("healthy", "dmo-git --format json", 2),
        ("healthy", "--format json --nonsense", 2),
        ("healthy", "demo-git --output json=-", 0),
        ("healthy", "dmo-git --output json=-", 2),
        ("healthy", "demo-git --skip demo-git --format json", 2),
        ("healthy", "demo-git --format json --output /nowhere/r.json", 2),
    ] {
        let shown = replayed(machine, words).run().code(code);
        assert_eq!(shown.json()["schema"], 1, "{words}");
        assert_eq!(code == 2, shown.json()["error"]["message"].is_string(), "{words}");
        assert_eq!(code == 2, !shown.stderr.is_empty(), "{words}");
    }
}

#[test]
fn several_reports_come_from_one_run() {
    let mut run =
        replayed("troubled", "demo-git").args(["--output", "a.json", "--output", "json=b", "--output", "c.txt"]);
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
    replayed("healthy", "demo-git --output /nowhere/r.json")
        .run()
        .code(2)
        .says("/nowhere/r.json cannot be written: there is no such file or folder");
    replayed("healthy", "demo-git --output json=bin").run().code(2).says("bin cannot be written: it is a folder");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    for words in ["demo-git", "demo-git --format json", "--help", "--version", "list", "schema"] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let run = if words.starts_with("demo-git") { replayed("healthy", words) } else { doctor(words) };
        run.stdout(full).run().code(2).says("standard output cannot be written: the disk is full");
    }
    // A device is written to and never replaced.
    replayed("healthy", "demo-git --output json=/dev/null").run().code(0);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    replayed("healthy", "demo-git --output json=/dev/full")
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
        let shown = replayed(machine, "demo-git").stdout(writer).run().code(code);
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
    doctor("--replay r.json").with("r.json", "").run().code(2).says("r.json: this file is empty");
    let report = replayed("healthy", "demo-git --format json").run().code(0).stdout;
    let run = doctor("--replay r.json").with("r.json", &report);
    { run }.run().code(2).says("this is a report and no recording; `doctor --record FILE` writes");
}

#[test]
fn a_recording_comes_from_standard_input_too() {
    let machine = fs::File::open(crate::doctor::file("machines/healthy.json")).unwrap();
    let shown = doctor("demo-git -q --replay -").course().stdin(machine).run().code(0);
    assert_eq!((shown.stdout.as_str(), shown.stderr.as_str()), ("Ready: 3 checks passed\n", ""));
}

#[test]
fn a_recording_that_does_not_hold_everything_is_judged_and_noted() {
    let text = fs::read_to_string(crate::doctor::file("machines/healthy.json")).unwrap();
    let mut machine: serde_json::Value = serde_json::from_str(&text).unwrap();
    machine["commands"].as_array_mut().unwrap().retain(|command| command["argv"][0] != "git");
    let shown = doctor("demo-git demo-docker --format json --replay r.json")
        .course()
        .with("r.json", &machine.to_string())
        .run()
        .code(1)
        .says("note: r.json does not hold");
    let findings = shown.json()["findings"].as_array().unwrap().clone();
    let outcome = |id: &str| findings.iter().find(|finding| finding["id"] == id).unwrap()["outcome"].clone();
    assert_eq!((outcome("demo-git.installed"), outcome("demo-docker.cli")), ("unknown".into(), "pass".into()));
}

#[test]
fn a_command_after_its_options_is_understood() {
    let own = "tool = \"Own\"\nstep = 1\n";
    let listed = doctor("list --format json demo-git").course().run().code(0).stdout;
    assert_eq!(doctor("--format json").course().args(["list", "demo-git"]).run().code(0).stdout, listed);
    doctor("--checks own list").with("own/x.toml", own).run().code(2).says("own/x.toml");
}

#[test]
fn a_slip_gets_a_suggestion() {
    doctor("help").run().code(2).says("`doctor --help`");
    doctor("gti").run().code(2).says("did you mean `git`?");
    doctor("xx").run().code(2).says("`doctor list` shows all");
}

#[test]
fn a_label_is_a_word() {
    replayed("healthy", "demo-git").args(["--label", " "]).run().code(2).says("it is empty");
}

#[test]
fn colours_come_only_when_asked_for_or_on_a_terminal() {
    let coloured = |run: crate::doctor::Doctor| { run }.run().stdout.contains('\u{1b}');
    let run = || replayed("healthy", "demo-git");
    assert!(!coloured(run()));
    assert!(!coloured(run().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
    assert!(!coloured(run().env("CLICOLOR_FORCE", "0")));
    assert!(coloured(run().env("CLICOLOR_FORCE", "1")));
    assert!(coloured(run().env("NO_COLOR", "1").args(["--color", "always"])));
    assert!(!coloured(run().env("CLICOLOR_FORCE", "1").args(["--color", "never"])));
}

/// Examinations of a machine with the tools that a test puts there.
#[cfg(unix)]
mod machine {
    use std::{
        path::Path,
        process::Command,
        thread,
        time::{Duration, Instant},
    };

    use super::*;

    const GIT: &str = r#"case "$*" in
        --version) echo "git version 2.47.1";;
        *user.name) echo Ada;;
        *) echo main;;
    esac"#;

    fn gone(pid: &Path) -> bool {
        let pid = fs::read_to_string(pid).unwrap();
        !Command::new("kill").args(["-0", pid.trim()]).output().unwrap().status.success()
    }

    fn outcomes(report: &serde_json::Value) -> Vec<(String, String)> {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let findings = report["findings"].as_array().unwrap();
        findings.iter().map(|finding| (text(&finding["id"]), text(&finding["outcome"]))).collect()
    }

    #[test]
    fn its_tools_are_run_and_its_home_is_not_named() {
        let mut run = doctor("demo-git demo-docker --format json --label day-1").course().tool("git", GIT);
        let shown = run.run().code(1);
        let report = shown.json();
        assert_eq!(report["findings"][0]["version"], "2.47.1");
        assert_eq!(report["findings"][0]["evidence"]["program"], "~/bin/git");
        assert_eq!(report["machine"]["label"], "day-1");
        assert_eq!(report["summary"]["passed"], 3);
        assert!(!shown.stdout.contains(run.home.path().to_str().unwrap()));
    }

    #[test]
    fn a_recording_says_the_same_again() {
        let mut run = doctor("demo-git demo-docker --format json --record r.json").course().tool("git", GIT);
        let first = run.run().code(1).json();
        let text = fs::read_to_string(run.home.path().join("r.json")).unwrap();
        let again = doctor("demo-git demo-docker --format json --replay r.json")
            .course()
            .with("r.json", &text)
            .run()
            .code(1)
            .json();
        assert_eq!(first["findings"], again["findings"]);
        assert_eq!(first["machine"], again["machine"]);
    }

    #[test]
    fn a_hung_tool_ends_with_the_run_and_the_others_are_told() {
        let script = "echo $$ > \"${0%/*}/../pid\"; /bin/sleep 60 & /bin/sleep 60";
        let mut run = doctor("demo-git demo-python --timeout 1s --format json")
            .course()
            .tool("git", script)
            .tool("uv", "echo uv 0.9.1");
        let start = Instant::now();
        let report = run.run().code(1).json();
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        let found = outcomes(&report);
        assert!(found.contains(&("demo-git.installed".into(), "unknown".into())), "{found:?}");
        assert!(found.contains(&("demo-python.uv".into(), "pass".into())), "{found:?}");
        assert_eq!(found.len(), 5);
        assert!(gone(&run.home.path().join("pid")));
    }

    #[test]
    fn a_pipe_among_check_files_is_refused() {
        let mut run = doctor("list --checks own").with("own/x.toml", "");
        let pipe = run.home.path().join("own/p.toml");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        run.run().code(2).says("own/p.toml cannot be read: it is a pipe or a device, not a file");
    }

    /// macOS has no such limit, and every program there has more reserved than this.
    #[cfg(target_os = "linux")]
    #[test]
    fn little_memory_to_reserve_is_enough() {
        for kilobytes in [300_000, 250_000] {
            let run = format!("ulimit -v {kilobytes}; exec '{}' --format json", env!("CARGO_BIN_EXE_doctor"));
            let shown = crate::doctor::Doctor::of("/bin/sh").args(["-c", &run]).run();
            assert!(matches!(shown.code, Some(0 | 1)), "{kilobytes}: {:?}: {}", shown.code, shown.stderr);
            assert!(!shown.stdout.contains("another thread"), "{kilobytes}: {}", shown.stdout);
        }
    }

    #[test]
    fn an_interrupt_ends_everything() {
        let script = "echo $$ > \"${0%/*}/../pid\"; exec /bin/sleep 60";
        let mut run = doctor("demo-git").course().tool("git", script);
        let pid = run.home.path().join("pid");
        let child = run.start();
        let start = Instant::now();
        while !pid.exists() && start.elapsed() < Duration::from_secs(10) {
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(Duration::from_millis(100));
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let out = child.wait_with_output().unwrap();
        assert_eq!((out.status.code(), out.stdout.is_empty()), (Some(130), true));
        let said = String::from_utf8(out.stderr).unwrap();
        assert_eq!(said, "Stopped before the end; nothing on this machine was changed.\n");
        assert!(gone(&pid));
    }

    #[test]
    fn nothing_around_it_is_nothing_to_fail_at() {
        let listed = doctor("list --format json").run().code(0).json()["checks"].as_array().unwrap().len();
        for (name, run) in [
            ("no PATH", doctor("--format json --timeout 20s").without("PATH")),
            ("no HOME", doctor("--format json --timeout 20s").without("HOME")),
            ("a HOME that is not there", doctor("--format json --timeout 20s").env("HOME", "/nowhere/at all")),
            ("one at a time", doctor("--format json --timeout 20s --jobs 1")),
        ] {
            let shown = { run }.run();
            assert!(matches!(shown.code, Some(0 | 1)), "{name}: {}", shown.stderr);
            assert_eq!(shown.json()["findings"].as_array().unwrap().len(), listed, "{name}");
            assert_eq!(shown.stderr, "", "{name}");
        }
    }

    #[test]
    fn two_at_once_do_not_disturb_each_other() {
        let mut run = doctor("demo-git --output r.json").course().tool("git", GIT);
        let both = [run.start(), run.start()];
        for child in both {
            assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
        }
        let report: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(run.home.path().join("r.json")).unwrap()).unwrap();
        assert_eq!(report["summary"]["passed"], 3);
        assert_eq!(fs::read_dir(run.home.path()).unwrap().count(), 2);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_report_is_shown_even_where_its_file_cannot_be_written() {
        for words in ["--output /proc/r.json", "--record /proc/r.json"] {
            let shown = doctor(words).args(["demo-git", "--format", "json"]).course().tool("git", GIT).run().code(2);
            assert_eq!(shown.json()["summary"]["passed"], 3, "{words}");
            assert!(shown.stderr.contains("/proc/r.json cannot be written"), "{}", shown.stderr);
        }
    }
}
