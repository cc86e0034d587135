//! The real machine's files, programs and ports, with what goes wrong there.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    ffi::OsStr,
    fs,
    net::TcpListener,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{PermissionsExt as _, symlink},
    },
    path::{Path, PathBuf},
    process::Command as Process,
    time::{Duration, Instant},
};

use doctor::{
    host::{Command, Host as _, machine::Machine},
    model::{
        Broken,
        seen::{End, PathKind, PortSeen, View},
    },
};

fn machine() -> Machine {
    Machine::new(Instant::now() + Duration::from_secs(60))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> PathBuf {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    path.to_owned()
}

/// Runs one test again in a process of its own, as `change` has it; false in the first process.
fn alone(test: &str, change: impl FnOnce(&mut Process)) -> bool {
    const ALONE: &str = "DOCTOR_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let mut command = Process::new(std::env::current_exe().unwrap());
    change(command.args([test, "--exact", "--nocapture"]).env(ALONE, "1"));
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    false
}

#[test]
fn files_are_told_apart_and_specials_are_never_opened() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write(&at("file"), b"text", 0o640);
    symlink(at("file"), at("link")).unwrap();
    symlink(at("nothing"), at("dangling")).unwrap();
    assert!(Process::new("mkfifo").arg(at("fifo")).status().unwrap().success());
    let machine = machine();
    let read = |name: &str| machine.read(text(&at(name)), View::Whole);
    assert_eq!((read("file").text(), read("file").mode), (Some("text".into()), "0640".into()));
    assert_eq!(read("link").text(), Some("text".into()));
    assert_eq!(read("fifo").kind, PathKind::Special);
    assert_eq!(machine.read("/dev/zero", View::Whole).kind, PathKind::Special);
    assert_eq!(read("dangling").kind, PathKind::Dangling);
    assert_eq!(read("nothing").kind, PathKind::Missing);
    assert_eq!(read("file/below").kind, PathKind::Missing);
    assert_eq!(machine.read(text(folder.path()), View::Whole).kind, PathKind::Dir);
    let stat = machine.stat(text(&at("link")));
    assert_eq!((stat.kind, stat.size, stat.mine, stat.writable), (PathKind::File, Some(4), Some(true), Some(true)));
    assert_eq!(stat.real, text(&fs::canonicalize(at("file")).unwrap()));
    assert!(stat.modified.unwrap() > 1_600_000_000);
    assert_eq!(machine.stat(text(&at("dangling"))).kind, PathKind::Dangling);
    assert_eq!(machine.key(text(&at("fifo"))).kind, PathKind::Special);
    assert_eq!(machine.key(text(&at("file"))).format, "other");
}

#[test]
fn long_files_are_cut_and_secrets_stay_inside() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write(&at("long"), &vec![b'x'; 300_000], 0o600);
    let seen = machine().read(text(&at("long")), View::Whole);
    assert_eq!((seen.content.0.len(), seen.truncated), (256 * 1024, true));
    write(&at("ini"), b"[a]\nregion = eu\ntoken = hidden\n", 0o600);
    let seen = machine().read(text(&at("ini")), View::Keys(&["region"]));
    assert_eq!(seen.text().unwrap(), "[a]\nregion = eu\ntoken = <set>\n");
    write(&at("json"), br#"{"a": "hidden", "b": "shown"}"#, 0o600);
    assert_eq!(machine().read(text(&at("json")), View::Json(&["b"])).text().unwrap(), r#"{"a":"<set>","b":"shown"}"#);
    write(&at("bad"), br#"{"a": hidden"#, 0o600);
    fs::write(at("rc"), "export API=hunter2\nPATH=~/x:$PATH # mine\n").unwrap();
    assert_eq!(machine().read(text(&at("rc")), View::StartUp).text().unwrap(), "\nPATH=~/x:$PATH\n");
    let seen = machine().read(text(&at("bad")), View::Json(&["b"]));
    assert_eq!((seen.content.text().as_str(), seen.text()), ("<not json>", None));
    assert!(seen.error.starts_with("line 1 column 7"), "{}", seen.error);
}

#[test]
fn folders_are_listed_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b", "a", "c/d"] {
        write(&folder.path().join(name), b"", 0o600);
    }
    symlink("c", folder.path().join("link")).unwrap();
    fs::write(folder.path().join(OsStr::from_bytes(b"\xff")), "").unwrap();
    let seen = machine().list(text(folder.path()));
    assert_eq!(
        (seen.kind, seen.names),
        (PathKind::Dir, ["a", "b", "c/", "link/", "\u{fffd}"].map(str::to_owned).into())
    );
    assert_eq!(machine().list("/no/such/folder").kind, PathKind::Missing);
    assert_eq!(machine().list("/etc/passwd").kind, PathKind::File);
}

#[test]
fn what_this_user_may_not_see_is_denied() {
    let folder = tempfile::Builder::new().prefix("doctor-test").tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    if std::env::var_os("DOCTOR_TEST_FOLDER").is_none() {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        write(&at("file"), b"", 0o000);
        write(&at("closed/file"), b"", 0o644);
        write(&at("tool"), b"#!/bin/sh\necho\n", 0o644);
        write(&at("program"), b"#!/bin/sh\necho\n", 0o711);
        fs::set_permissions(at("closed"), fs::Permissions::from_mode(0o000)).unwrap();
        // Nothing is denied to root, who therefore asks as somebody else, with a copy that this one may run.
        let copy = at("test");
        fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
        let mut command = Process::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(copy);
        command.args(["what_this_user_may_not_see_is_denied", "--exact", "--nocapture"]);
        let output = command.env("DOCTOR_TEST_FOLDER", folder.path()).env("TMPDIR", "/tmp").output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        let not_root = text.contains("Operation not permitted");
        assert!(output.status.success() || not_root, "{text}");
        fs::set_permissions(at("closed"), fs::Permissions::from_mode(0o755)).unwrap();
        return;
    }
    let folder = PathBuf::from(std::env::var_os("DOCTOR_TEST_FOLDER").unwrap());
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let machine = machine();
    let seen = machine.read(&at("file"), View::Whole);
    assert_eq!((seen.kind, seen.error.as_str()), (PathKind::Denied, "permission denied"));
    assert_eq!(machine.stat(&at("file")).kind, PathKind::File);
    assert_eq!(machine.stat(&at("closed/file")).kind, PathKind::Denied);
    assert_eq!(machine.list(&at("closed")).kind, PathKind::Denied);
    assert_eq!((machine.stat(&at("file")).mine, machine.stat(&at("file")).writable), (Some(false), Some(false)));
    assert_eq!(machine.key(&at("file")).format, "unreadable");
    assert_eq!(machine.which(&at("tool"))[0].broken, Some(Broken::NotExecutable));
    assert_eq!(machine.run(&Command::new([at("tool")])).end, End::Broken(Broken::NotExecutable));
    // A shell that may run but not read it complains itself; what it says is what is seen.
    assert!(matches!(machine.run(&Command::new([at("program")])).end, End::Exited(_)));
}

#[test]
fn every_program_of_a_name_is_found_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    if std::env::var_os("DOCTOR_TEST_ALONE").is_none() {
        write(&at("none/tool"), b"#!/bin/sh\n", 0o644);
        write(&at("broken/tool"), b"#!/no/such/interpreter\n", 0o755);
        write(&at("good/tool"), b"#!/bin/sh\necho good\n", 0o755);
        fs::create_dir_all(at("folder/tool")).unwrap();
        fs::create_dir_all(at("dangling")).unwrap();
        symlink("/no/such/file", at("dangling/tool")).unwrap();
        symlink(at("good"), at("same")).unwrap();
        let odd = at("x").join(OsStr::from_bytes(b"odd-\xff"));
        write(&odd.join("tool"), b"#!/bin/sh\necho odd\n", 0o755);
        write(&odd.join("other"), b"#!/bin/sh\necho odd\n", 0o755);
        write(&at("none/second"), b"", 0o644);
        let names = ["none", "folder", "dangling", "missing", "broken", "good", "same", "good"];
        let folders = names.iter().map(|name| at(name)).chain([odd, PathBuf::new(), "relative".into()]);
        let path = std::env::join_paths(folders).unwrap();
        write(&at("relative/near"), b"#!/bin/sh\necho near\n", 0o755);
        alone("every_program_of_a_name_is_found_in_order", |command| {
            command.current_dir(folder.path()).env("PATH", path).env("DOCTOR_TEST_FOLDER", folder.path());
        });
        return;
    }
    let folder = PathBuf::from(std::env::var_os("DOCTOR_TEST_FOLDER").unwrap());
    let machine = machine();
    let places = |name: &str| -> Vec<String> {
        let strip = |path: String| path.replace(folder.to_str().unwrap(), "");
        machine.which(name).into_iter().map(|found| strip(found.path)).collect()
    };
    assert_eq!(places("tool"), ["/broken/tool", "/good/tool", "/x/odd-\u{fffd}/tool"]);
    assert_eq!(machine.which("tool")[0].broken, Some(Broken::MissingInterpreter));
    assert_eq!(machine.which("tool")[0].script, "#!/no/such/interpreter");
    // A bare name must not fall to the second one because the first cannot be run.
    assert_eq!(machine.run(&Command::new(["tool"])).end, End::Broken(Broken::MissingInterpreter));
    let ran = machine.run(&Command::new(["other"]));
    assert_eq!((ran.end, ran.stdout.text()), (End::Exited(0), "odd\n".into()));
    assert_eq!(machine.run(&Command::new(["near"])).stdout.text(), "near\n");
    assert_eq!(
        (places("second"), machine.which("second")[0].broken),
        (vec!["/none/second".to_owned()], Some(Broken::NotExecutable))
    );
    assert_eq!(places("nothing"), [""; 0]);
    assert_eq!(machine.path().len(), 11);
}

#[test]
fn a_machine_without_path_and_home_answers() {
    for path in [None, Some("")] {
        let set = |command: &mut Process| {
            match path {
                Some(path) => command.env("PATH", path),
                None => command.env_remove("PATH"),
            };
            command.env_remove("HOME").env("DOCTOR_TEST_EMPTY", "");
        };
        if alone("a_machine_without_path_and_home_answers", set) {
            let machine = machine();
            assert_eq!((machine.path(), machine.which("sh")), (Vec::new(), Vec::new()));
            assert_eq!(machine.run(&Command::new(["sh", "-c", "true"])).end, End::Absent);
            assert_eq!(machine.run(&Command::new(["/bin/sh", "-c", "exit 3"])).end, End::Exited(3));
            assert!(machine.home().is_none_or(|home| home.starts_with('/')));
            assert_eq!((machine.env("DOCTOR_TEST_EMPTY"), machine.env("HOME")), (None, None));
            return;
        }
    }
}

#[test]
fn home_is_where_tools_look() {
    if alone("home_is_where_tools_look", |command| {
        command.env("HOME", "/etc/");
    }) {
        assert_eq!(machine().home().as_deref(), Some("/etc"));
        assert_eq!(machine().stat("~/passwd").kind, PathKind::File);
    }
}

#[test]
fn a_machine_that_cannot_be_written_runs_commands_in_its_root() {
    // No folder can be made below a file; /tmp and /dev/shm serve first where they can be written.
    if alone("a_machine_that_cannot_be_written_runs_commands_in_its_root", |command| {
        command.env("TMPDIR", "/etc/passwd");
    }) {
        let ran = machine().run(&Command::new(["/bin/sh", "-c", "pwd"]));
        let folder = ran.stdout.text();
        assert!(["/tmp/doctor-", "/dev/shm/doctor-", "/\n"].iter().any(|start| folder.starts_with(start)), "{folder}");
    }
}

#[test]
fn ports_and_sizes_are_seen() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    assert_eq!(machine().port(port), PortSeen::Open);
    drop(listener);
    assert_eq!(machine().port(port), PortSeen::Closed);
    let system = machine().system();
    assert!(system.disk_free.is_some() && system.memory > Some(100_000_000) && system.now > Some(1_700_000_000));
    assert_ne!(machine().platform().arch, "");
}
