//! The built program: what it writes where, and its exit codes.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::class::report;

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn doctor(folder: &TempDir, words: &[&str], stdin: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_doctor"))
        .args(words)
        .env_clear()
        .env("LANG", "C.UTF-8")
        .env("COLUMNS", "100")
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A child that reads nothing closes its end first.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let out = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: out.status.code(), out: text(out.stdout), err: text(out.stderr) }
}

fn class() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    write("in/ada.json", report("ada").text());
    write("in/bob.json", report("bob").fails("git.identity", "missing").text());
    write("bad.txt", "no".to_owned());
    write("roster.csv", "id,name\nada,Ada Lovelace\nbob,Bob Babbage\nzoe,Zoe\n".to_owned());
    folder
}

#[test]
fn exit_codes_say_whether_everything_was_read() {
    let folder = class();
    let ran = doctor(&folder, &["cohort", "in", "--roster", "roster.csv"], b"");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    assert!(
        ran.out
            .starts_with("2 learners · 1 ready · 1 can fix it alone · 0 need staff · 0 need admin · 1 not reported\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("git config --global user.name"));
    let ran = doctor(&folder, &["cohort", "in", "bad.txt", "gone.json"], b"");
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out.contains("bad.txt, line 1: there is no report in it")
            && ran.out.contains("gone.json: there is no such file"),
        "{}",
        ran.out
    );
    let ran = doctor(&folder, &["cohort", "bad.txt", "--format", "json"], b"");
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("there is no report in what was named") && ran.err.contains("bad.txt"), "{}", ran.err);
    let failed: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(failed["error"]["kind"], "no-report");
    for words in [
        &["cohort"][..],
        &["cohort", "in", "--since", "soon"],
        &["cohort", "in", "--roster", "bad.csv"],
        &["cohort", "in", "--output", "x.pdf"],
    ] {
        assert_eq!(doctor(&folder, words, b"").code, Some(2), "{words:?}");
    }
}

#[test]
fn standard_input_is_an_input() {
    let folder = class();
    let text = format!("{}\n{}\n", report("cyd").text(), report("dan").text());
    let ran = doctor(&folder, &["cohort", "-", "in", "-q"], text.as_bytes());
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (Some(0), "4 learners · 3 ready · 1 can fix it alone · 0 need staff · 0 need admin\n")
    );
}

#[test]
fn views_go_to_files_by_their_endings() {
    let folder = class();
    let ran = doctor(
        &folder,
        &[
            "cohort",
            "in",
            "--output",
            "c.html",
            "--output",
            "c.csv",
            "--output",
            "csv-long=long.txt",
            "--output",
            "c.md",
            "--output",
            "c.ndjson",
            "--output",
            "c.json",
            "--format",
            "json",
            "--messages",
            "out/messages",
        ],
        b"",
    );
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("c.html").starts_with("<!doctype html>") && read("c.md").starts_with("## Cohort"));
    assert!(read("c.csv").contains("ada") && read("long.txt").contains("git.identity/missing"));
    assert_eq!(read("c.json"), ran.out);
    let schema: serde_json::Value = serde_json::from_str(doctor::cohort::COHORT_SCHEMA).unwrap();
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert!(read("out/messages/bob.txt").contains("git config --global user.name"));
    assert!(read("out/messages/ada.txt").contains("ready"));
}

#[test]
fn cohorts_and_reports_are_compared() {
    let folder = class();
    let ran = doctor(&folder, &["cohort", "in/ada.json", "--vs", "in/ada.json"], b"");
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    fs::write(folder.path().join("later.json"), report("ada").fails("git.identity", "missing").text()).unwrap();
    let ran = doctor(&folder, &["cohort", "in", "--vs", "later.json"], b"");
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("1 worse") && ran.out.contains("1 gone"), "{}", ran.out);
    let ran = doctor(&folder, &["diff", "in/ada.json", "later.json"], b"");
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("git.identity: pass 1.2.3 → fail"), "{}", ran.out);
    let ran = doctor(&folder, &["diff", "later.json", "in/ada.json", "--format", "json"], b"");
    assert_eq!(ran.code, Some(0));
    let diff: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((diff["regression"].as_bool(), diff["changes"][0]["way"].as_str()), (Some(false), Some("better")));
    let ran = doctor(&folder, &["diff", "in/ada.json", "later.json", "--format", "md"], b"");
    assert!(ran.out.contains("| worse | `git.identity` |"), "{}", ran.out);
    assert_eq!(doctor(&folder, &["diff", "in", "later.json"], b"").code, Some(2));
    assert_eq!(doctor(&folder, &["diff", "bad.txt", "later.json"], b"").code, Some(2));
}

#[test]
fn a_reader_that_leaves_and_a_full_disk_are_told_apart() {
    let folder = class();
    let mut child = Command::new(env!("CARGO_BIN_EXE_doctor"))
        .args(["cohort", "in", "--format", "html"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    if std::path::Path::new("/dev/full").exists() {
        let ran = doctor(&folder, &["cohort", "in", "--output", "html=/dev/full"], b"");
        assert_eq!(ran.code, Some(2));
        assert!(ran.err.contains("the disk is full"), "{}", ran.err);
    }
}
