//! `doctor why`: text, pipe and command.

use std::fs::{self, File};

use crate::doctor::doctor;

const DAEMON: &str =
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";

#[test]
fn a_known_text_is_explained() {
    let shown = doctor("why").args([DAEMON]).run().code(0);
    assert!(shown.stdout.contains("Docker") && shown.stdout.contains("Known by: "), "{}", shown.stdout);
    let shown = doctor("why --format json").args([DAEMON]).run().code(0);
    let best = &shown.json()["explained"][0];
    assert!(best["diagnosis"].as_str().unwrap().starts_with("docker.daemon/"), "{best}");
    assert!(best["certainty"].is_string() && best["finding"]["found"].is_string(), "{best}");
}

#[test]
fn colours_wrapping_and_utf16_do_not_matter() {
    let home = tempfile::tempdir().unwrap();
    let wrapped = format!("\u{1b}[31m{}\r\n{}\u{1b}[0m", &DAEMON[..40], &DAEMON[40..]);
    let utf16: Vec<u8> = format!("\u{feff}{DAEMON}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [wrapped.into_bytes(), utf16, [DAEMON.as_bytes(), &[0xff, 0xfe, 0x80]].concat()] {
        let file = home.path().join("text");
        fs::write(&file, bytes).unwrap();
        let shown = doctor("why --format json").stdin(File::open(&file).unwrap()).run().code(0);
        let best = &shown.json()["explained"][0]["diagnosis"];
        assert!(best.as_str().unwrap().starts_with("docker.daemon/"), "{best}");
    }
}

#[test]
fn an_unknown_text_says_what_to_ask_with() {
    let shown = doctor("why flibbertigibbet").run().code(1);
    assert!(shown.stdout.contains("does not know this text"), "{}", shown.stdout);
    assert_eq!(doctor("why --format json flibbertigibbet").run().code(1).json()["explained"], serde_json::json!([]));
    doctor("why").args([" \n "]).run().code(2).says("empty");
    doctor("why").run().code(2).says("empty");
}

#[cfg(unix)]
#[test]
fn a_command_is_run_aloud_and_its_failure_explained() {
    let mut failing = doctor("why -- docker ps").tool("docker", &format!("echo one; echo '{DAEMON}' >&2; exit 1"));
    let shown = failing.run().code(0);
    assert!(shown.stdout.starts_with("one\n") && shown.stderr.contains(DAEMON), "{}", shown.stdout);
    assert!(shown.stdout.contains("Known by: "), "{}", shown.stdout);
    let shown = doctor("why -- fine").tool("fine", "echo all well").run().code(0);
    assert!(shown.stdout.starts_with("all well\n") && shown.stdout.contains("succeeded"), "{}", shown.stdout);
    let shown = doctor("why --format json -- docker ps").run();
    let best = &shown.json()["explained"][0]["diagnosis"];
    assert!(best.as_str().is_some_and(|id| id.starts_with("docker.")), "{best}");
}
