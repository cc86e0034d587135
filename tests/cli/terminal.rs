//! A real terminal, made by `script` of util-linux: what it can show and how wide it is decide what is written.
#![cfg(target_os = "linux")]

use std::path::Path;

use crate::doctor::{Doctor, file};

/// What a terminal of this kind and width shows; nothing where there is no `script` to make one.
fn shown(term: &str, columns: u16, words: &str, set: &[(&str, &str)]) -> Option<String> {
    let script = ["/usr/bin/script", "/bin/script"].into_iter().find(|path| Path::new(path).exists());
    let Some(script) = script else {
        eprintln!("left out: no `script` here, which makes terminals");
        return None;
    };
    let run = format!(
        "stty rows 40 cols {columns} && exec {} {words} --checks {} --replay {}",
        env!("CARGO_BIN_EXE_doctor"),
        file("course").display(),
        file("machines/troubled.json").display(),
    );
    let doctor = Doctor::of(script).args(["-qec", &run, "/dev/null"]).env("TERM", term).without("COLUMNS");
    let doctor = doctor.env("PATH", "/usr/bin:/bin");
    Some(set.iter().fold(doctor, |doctor, (name, value)| doctor.env(name, value)).run().stdout.replace('\r', ""))
}

/// The widest line of prose: commands and pages are never broken, so that they can be copied.
fn widest(screen: &str) -> usize {
    screen.lines().filter(|line| !line.starts_with("        ")).map(|line| line.chars().count()).max().unwrap_or(0)
}

#[test]
fn a_dumb_terminal_gets_plain_text_of_its_width() {
    for columns in [60, 200] {
        let Some(screen) = shown("dumb", columns, "demo-git demo-docker", &[]) else { return };
        assert!(screen.starts_with("Not ready"), "{screen}");
        assert!(screen.contains("  x required"), "{screen}");
        assert!(screen.chars().all(|c| c == '\n' || c.is_ascii_graphic() || c == ' '), "{screen:?}");
        assert!(widest(&screen) <= usize::from(columns), "{screen}");
        assert_eq!(widest(&screen) > 60, columns > 60, "the width is used: {screen}");
    }
}

#[test]
fn a_terminal_gets_colours_unless_told_otherwise() {
    let Some(screen) = shown("xterm-256color", 80, "demo-git", &[]) else { return };
    assert!(screen.contains("\u{1b}[31m") && screen.contains('✗'), "{screen:?}");
    for (words, set) in [("demo-git --color never", &[][..]), ("demo-git", &[("NO_COLOR", "1")])] {
        let screen = shown("xterm-256color", 80, words, set).unwrap_or_default();
        assert!(!screen.contains("\u{1b}[3") && screen.contains('✗'), "{screen:?}");
    }
}
