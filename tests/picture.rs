//! The picture in the README is what the program shows of a real machine: the recording beside it, replayed.
//! `UPDATE=1 cargo test --test picture` draws it anew.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path, process::Command};

#[test]
fn the_picture_is_what_doctor_shows() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let asked = ["ssh.keys", "git", "python"];
    let shown = Command::new(env!("CARGO_BIN_EXE_doctor"))
        .env_clear()
        .env("LANG", "C.UTF-8")
        .env("COLUMNS", "100")
        .args(["--replay", docs.join("picture.json").to_str().unwrap(), "--color", "always"])
        .args(asked)
        .output()
        .unwrap();
    assert_eq!(shown.status.code(), Some(1), "{}", String::from_utf8_lossy(&shown.stderr));
    let screen =
        format!("\u{1b}[1m$ doctor {}\u{1b}[0m\n{}", asked.join(" "), String::from_utf8(shown.stdout).unwrap());
    let drawn = anstyle_svg::Term::new().palette(anstyle_svg::WIN10_CONSOLE).render_svg(&screen);
    // What terminals dim can still be read.
    let drawn = drawn.replace("opacity: 0.4", "opacity: 0.7");
    let file = docs.join("picture.svg");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, &drawn).unwrap();
    }
    let known = fs::read_to_string(&file).unwrap_or_default();
    assert!(known == drawn, "doctor shows something else by now; UPDATE=1 cargo test --test picture draws it");
}
