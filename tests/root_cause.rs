//! One cause is one failure: what follows from it is blocked and names the root.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/mod.rs"]
mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use doctor::{
    exam::{Plan, Selection, examine, run::Limits},
    host::{
        Host,
        recording::{Recording, Replay, Unstated},
    },
    model::{Finding, Outcome},
};

/// What is found on a hand-written machine of a platform word, whose other parts are absent.
fn found(word: &str, machine: &str, only: &[&str]) -> Vec<Finding> {
    let mut recording: Recording = toml::from_str(machine).unwrap();
    recording.unstated = Unstated::Absent;
    recording.platform = support::platform(word);
    recording.home = Some("~".to_owned());
    let catalog = support::catalog();
    let host: Arc<dyn Host> = Arc::new(Replay::new(recording));
    let selection = Selection { only: only.iter().map(|name| (*name).to_owned()).collect(), ..Selection::default() };
    let plan = Plan::new(&catalog, &selection, host.platform()).unwrap();
    let limits = Limits { deadline: Instant::now() + Duration::from_secs(20), deep: false, jobs: None, in_turn: false };
    examine(&plan, &host, &catalog.calendar, limits, &mut |_| {})
}

fn failing(findings: &[Finding]) -> Vec<&str> {
    findings.iter().filter(|finding| finding.outcome == Outcome::Fail).map(|finding| finding.id.as_str()).collect()
}

#[test]
fn missing_command_line_tools_fail_once() {
    let machine = r#"
        path = ["/usr/bin"]
        programs.git = [{ path = "/usr/bin/git" }]
        programs.python3 = [{ path = "/usr/bin/python3" }]
        programs.xcode-select = [{ path = "/usr/bin/xcode-select" }]
        [[commands]]
        argv = ["/usr/bin/xcode-select", "-p"]
        ran = { end = { exited = 2 }, stderr = "xcode-select: error: unable to get active developer directory, use `sudo xcode-select --switch path/to/Xcode.app` to set one (or see `man xcode-select`)\n" }
        "#;
    let findings = found("macos", machine, &["xcode", "git", "python.version"]);
    assert_eq!(failing(&findings), ["xcode.tools"]);
    for finding in findings.iter().filter(|finding| finding.id.starts_with("git.") || finding.id.starts_with("python."))
    {
        assert!(matches!(finding.outcome, Outcome::Skip | Outcome::Pass), "{}: {}", finding.id, finding.found);
        if finding.id == "git.installed" || finding.id == "git.identity" {
            assert_eq!(finding.blocked_by.as_deref(), Some("xcode.tools"), "{}", finding.id);
        }
    }
}

#[test]
fn a_broken_git_configuration_is_not_a_missing_git_and_fails_once() {
    let machine = r#"
        path = ["/usr/bin"]
        programs.git = [{ path = "/usr/bin/git" }]
        [files."~/.gitconfig"]
        kind = "file"
        content = "[user]\n\tname = Ada\n\temail = \"ada@example\n"
        [[commands]]
        argv = ["git", "--version"]
        ran = { end = { exited = 0 }, stdout = "git version 2.47.3\n" }
        [[commands]]
        argv = ["git", "config", "…"]
        ran = { end = { exited = 128 }, stderr = "fatal: bad config line 3 in file /home/ada/.gitconfig\n" }
        "#;
    let findings = found("debian", machine, &["git"]);
    let git = findings.iter().find(|finding| finding.id == "git.installed").unwrap();
    assert_eq!(git.outcome, Outcome::Pass, "{}", git.found);
    assert_eq!(failing(&findings).len(), 1, "{:?}", failing(&findings));
}

#[test]
fn a_stopped_daemon_does_not_fail_compose() {
    let machine = r#"
        path = ["/usr/bin"]
        programs.docker = [{ path = "/usr/bin/docker" }]
        stats."/var/run/docker.sock" = { kind = "special", mode = "0660" }
        [[commands]]
        argv = ["docker", "--version"]
        ran = { end = { exited = 0 }, stdout = "Docker version 28.2.2, build e6534b4\n" }
        [[commands]]
        argv = ["docker", "version", "…", "…"]
        ran = { end = { exited = 1 }, stdout = "{\"Client\":{\"Version\":\"28.2.2\"},\"Server\":null}\n", stderr = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n" }
        [[commands]]
        argv = ["docker", "compose", "version"]
        ran = { end = { exited = 0 }, stdout = "Docker Compose version v2.36.2\n" }
        [[commands]]
        argv = ["docker", "buildx", "version"]
        ran = { end = { exited = 0 }, stdout = "github.com/docker/buildx v0.24.0 d0e5e86\n" }
        "#;
    let findings = found("ubuntu", machine, &["docker"]);
    assert_eq!(failing(&findings), ["docker.daemon"]);
    let compose = findings.iter().find(|finding| finding.id == "docker.compose").unwrap();
    assert_eq!(compose.outcome, Outcome::Pass, "{}", compose.found);
}

#[test]
fn an_empty_path_leads_and_absent_tools_follow_from_it() {
    let findings = found("debian", "path = []\n", &["machine.path", "git", "docker.cli", "ssh.client", "go"]);
    assert_eq!(failing(&findings), ["machine.path"]);
    for id in ["git.installed", "docker.cli", "ssh.client"] {
        let finding = findings.iter().find(|finding| finding.id == id).unwrap();
        assert_eq!(finding.blocked_by.as_deref(), Some("machine.path"), "{id}: {}", finding.found);
    }
    // With a PATH the same tools are missing by themselves.
    let findings = found("debian", "path = [\"/usr/bin\"]\n", &["machine.path", "ssh.client"]);
    assert!(failing(&findings).contains(&"ssh.client"), "{:?}", failing(&findings));
}
