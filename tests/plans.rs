//! Plans: what they say for every state that a case knows, on every platform, and the order of their steps.
//! `UPDATE=1 cargo test --test plans` accepts changed plans.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/mod.rs"]
mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use doctor::{
    catalog::Catalog,
    exam::{Plan, Selection, examine, run::Limits},
    host::{
        Host,
        recording::{Recording, Replay, Unstated},
    },
    model::{Finding, Level, Outcome, Platform, words},
    remedy::{self, By, breaches, edit},
    render::{Look, plan::overview},
};
use support::cases::load_cases;

/// The finding of every case with the platform it is of.
fn all(catalog: &Catalog) -> Vec<(Finding, Platform)> {
    let mut all = Vec::new();
    for (stem, cases) in load_cases() {
        for case in cases {
            if let Ok(finding) = case.find(&stem, catalog) {
                all.push((finding, case.platform()));
            }
        }
    }
    assert!(all.len() > 500);
    all
}

/// No plan has an unresolved value, removes whole folders, lets everybody write, pipes the network into root, deletes a
/// distribution, or has a command of which nobody knows what it does.
#[test]
fn no_plan_is_dangerous_or_left_to_guess() {
    let catalog = support::catalog();
    let mut bad = Vec::new();
    for (finding, platform) in all(&catalog) {
        let finding = Finding { level: finding.level.max(Level::Recommended), blocked_by: None, ..finding };
        for planned in remedy::plan(&catalog, &[finding], &platform, false).steps {
            bad.extend(breaches(&planned, &catalog.commands));
        }
    }
    bad.sort();
    bad.dedup();
    assert!(bad.is_empty(), "{} breaches:\n{}", bad.len(), bad.join("\n"));
}

/// Whatever adds to a file that a person may have written looks first whether it is there: twice is once.
#[test]
fn what_is_added_to_a_file_is_added_once() {
    let catalog = support::catalog();
    let mut bad = Vec::new();
    for (finding, _) in all(&catalog) {
        for command in finding.fix.iter().flat_map(|step| &step.run) {
            let adds = command.contains(">> ~") || command.contains(">>~");
            let asks = words::parts(command)
                .iter()
                .any(|part| part.text.starts_with("grep -q") || part.text.starts_with("[ "));
            if adds && !asks {
                bad.push(format!("{}: {command}", finding.diagnosis.clone().unwrap_or_default()));
            }
        }
    }
    bad.sort();
    bad.dedup();
    assert!(bad.is_empty(), "these add a line each time they are pasted:\n{}", bad.join("\n"));
}

/// Values that only the learner knows are read by commands that doctor can try on a copy, one each.
#[test]
fn what_is_asked_for_is_read_once_each() {
    let catalog = support::catalog();
    for (finding, platform) in all(&catalog) {
        let Some(step) = &finding.fix else { continue };
        let count = |line: &String| -> usize {
            ["read -r ", "(read -P ", "(Read-Host "].iter().map(|word| line.matches(word).count()).sum()
        };
        let reads = step.run.iter().filter(|line| count(line) > 0);
        assert_eq!(reads.clone().map(count).sum::<usize>(), step.ask.len(), "{:?}: {:?}", finding.diagnosis, step.run);
        // Pasted together, a second command would be taken for the answer to the first.
        assert!(reads.clone().count() < 2 && reads.clone().all(|line| step.run.last() == Some(line)), "{:?}", step.run);
        if platform.shell != "powershell" {
            assert!(
                reads.clone().all(|line| edit::of(line).is_some_and(|edit| edit.reads == count(line))),
                "{:?}",
                step.run
            );
        }
    }
}

/// What is to be done on a machine of each kind where nothing is installed yet.
#[test]
fn the_plan_for_an_empty_machine_of_every_kind() {
    let catalog = support::catalog();
    for word in support::MACHINES {
        let recording = Recording {
            unstated: Unstated::Absent,
            platform: support::platform(word),
            home: Some("/home/ada".to_owned()),
            ..Recording::default()
        };
        let host: Arc<dyn Host> = Arc::new(Replay::new(recording));
        let only = ["git", "ssh", "docker.cli", "python", "uv", "node", "go.cli", "aws.installed"];
        let selection = Selection { only: only.map(str::to_owned).into(), ..Selection::default() };
        let selected = Plan::new(&catalog, &selection, host.platform()).unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        let limits = Limits { deadline, deep: false, jobs: None, in_turn: true };
        let findings = examine(&selected, &host, &catalog.calendar, limits, &mut |_| {});
        let plan = remedy::plan(&catalog, &findings, host.platform(), false);
        let bad: Vec<String> = plan.steps.iter().flat_map(|planned| breaches(planned, &catalog.commands)).collect();
        assert!(bad.is_empty(), "{word}: {bad:?}");
        let mut shown = Vec::new();
        overview(&plan, host.platform(), Look { width: 100, ..Look::default() }, &mut shown).unwrap();
        support::snapshot(&format!("tests/plans/{word}.txt"), &String::from_utf8(shown).unwrap());
    }
}

fn failed(catalog: &Catalog, id: &str, fix: Option<&str>) -> Finding {
    let subject = catalog.find(id).unwrap();
    let step = fix.map(|run| serde_json::json!({ "run": [run], "owner": "learner" }));
    serde_json::from_value(serde_json::json!({
        "id": id,
        "tool": subject.tool.tool,
        "title": subject.check.title,
        "level": subject.check.level,
        "outcome": "fail",
        "diagnosis": format!("{id}/absent"),
        "found": "It is missing",
        "fix": step,
    }))
    .unwrap()
}

#[test]
fn what_unblocks_comes_first_and_one_cause_is_one_step() {
    let catalog = support::catalog();
    let platform = support::platform("ubuntu");
    let blocked = |id: &str, by: &str| Finding {
        outcome: Outcome::Skip,
        blocked_by: Some(by.to_owned()),
        ..failed(&catalog, id, None)
    };
    let findings = [
        failed(&catalog, "docker.daemon", Some("sudo systemctl enable --now docker")),
        failed(&catalog, "docker.cli", Some("sudo apt-get install -y docker.io")),
        failed(&catalog, "docker.compose", Some("sudo apt-get install -y docker.io")),
        blocked("docker.run", "docker.daemon"),
        failed(&catalog, "git.identity", None),
    ];
    let plan = remedy::plan(&catalog, &findings, &platform, false);
    let ids: Vec<&str> = plan.steps.iter().map(|planned| planned.mends[0].as_str()).collect();
    assert_eq!(ids, ["docker.cli", "docker.daemon"]);
    assert_eq!(plan.steps[0].mends, ["docker.cli", "docker.compose"]);
    assert_eq!(plan.steps[1].unblocks, ["docker.run"]);
    assert_eq!(plan.unsolved, ["git.identity"]);
    assert!(!remedy::is_ready(&findings));
}

#[test]
fn whose_a_step_is_to_do_is_told_by_what_it_does() {
    let catalog = support::catalog();
    let by = |fix: &str| {
        let finding = failed(&catalog, "docker.daemon", Some(fix));
        remedy::plan(&catalog, &[finding], &support::platform("ubuntu"), false).steps[0].by
    };
    assert_eq!(by("sudo systemctl enable --now docker"), By::Doctor);
    assert_eq!(by("newgrp docker"), By::Terminal);
    assert_eq!(by("unset DOCKER_HOST"), By::Terminal);
    assert_eq!(by("docker ps -a"), By::Eye);
}
