//! Yesterday and today, one cohort and the next.

use doctor::cohort::compare::{self, Way};

use super::class::{class, report, wanted};

#[test]
fn reports_are_compared_check_by_check() {
    let old = class(&[report("ada").fails("git.identity", "missing").with("/findings/0/version", "2.40.0")], wanted());
    let new = class(&[report("ada").fails("git.default-branch", "unset").fails("docker.daemon", "stopped")], wanted());
    let diff = compare::reports(&old, &new).unwrap();
    let changes: Vec<(&str, Way)> = diff.changes.iter().map(|change| (change.check.as_str(), change.way)).collect();
    assert_eq!(
        changes,
        [
            ("git.default-branch", Way::Worse),
            ("docker.daemon", Way::Worse),
            ("git.identity", Way::Better),
            ("git.installed", Way::Changed)
        ]
    );
    assert!(diff.regression);
    assert!(!compare::reports(&new, &new).unwrap().regression);
    assert_eq!(compare::reports(&new, &new).unwrap().same, 4);
    let mended = class(&[report("ada")], wanted());
    assert!(!compare::reports(&old, &mended).unwrap().regression);
    // An optional check makes nothing worse; a check that only one has is named.
    let mut optional = report("ada").fails("git.identity", "missing").with("/findings/1/level", "optional");
    optional.0["findings"].as_array_mut().unwrap().pop();
    let diff = compare::reports(&mended, &class(&[optional], wanted())).unwrap();
    let ways: Vec<Way> = diff.changes.iter().map(|change| change.way).collect();
    assert_eq!((diff.regression, ways), (false, vec![Way::Changed, Way::Gone]));
}

#[test]
fn what_waits_for_another_check_is_neither_worse_nor_better() {
    let waits = |report: super::class::Report| {
        let mut report = report.fails("git.installed", "absent");
        let finding = report.finding("git.identity");
        finding["outcome"] = "skip".into();
        finding["blocked-by"] = "git.installed".into();
        report
    };
    let (well, gone) = (class(&[report("ada")], wanted()), class(&[waits(report("ada"))], wanted()));
    let found = class(&[report("ada").fails("git.identity", "missing")], wanted());
    let ways = |diff: compare::Diff| diff.changes.iter().map(|change| change.way).collect::<Vec<_>>();
    assert_eq!(ways(compare::reports(&well, &gone).unwrap()), [Way::Worse, Way::Changed]);
    // Once git is there its missing identity shows; nothing got worse by it.
    let diff = compare::reports(&gone, &found).unwrap();
    assert_eq!((diff.regression, ways(diff)), (false, vec![Way::Better, Way::Changed]));
}

#[test]
fn cohorts_are_compared_learner_by_learner() {
    let old = [
        report("ada"),
        report("bob").fails("git.identity", "missing"),
        report("cyd"),
        report("dan"),
        report("eve").fails("git.identity", "missing"),
    ];
    let new = [
        report("ADA").fails("git.identity", "missing"),
        report("bob"),
        report("dan"),
        report("eve").fails("docker.daemon", "stopped").fails("git.identity", "missing"),
        report("new"),
    ];
    let comparison = compare::cohorts(&class(&old, wanted()), &class(&new, wanted()));
    let learners: Vec<(&str, Way)> =
        comparison.learners.iter().map(|change| (change.id.as_str(), change.way)).collect();
    assert_eq!(
        learners,
        [("ADA", Way::Worse), ("eve", Way::Worse), ("bob", Way::Better), ("new", Way::Came), ("cyd", Way::Gone)]
    );
    assert_eq!((comparison.same, comparison.regression), (1, true));
    let causes: Vec<(&str, usize, usize)> =
        comparison.causes.iter().map(|cause| (cause.id.as_str(), cause.was, cause.now)).collect();
    assert_eq!(causes, [("docker.daemon/stopped", 0, 1)]);
    let back = compare::cohorts(&class(&new, wanted()), &class(&new, wanted()));
    assert_eq!((back.same, back.regression), (5, false));
}
