//! Reports and recordings have the form that their schemas describe; an independent reader of schemas says so.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/mod.rs"]
mod support;

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use doctor::{
    exam::{Plan, Selection, examine, run::Limits},
    host::{
        Host,
        recording::{Recording, Replay, Unstated},
    },
    model::{
        Report,
        report::{Program, Run},
    },
    report::{RECORDING_SCHEMA, REPORT_SCHEMA, Who, assemble},
};

#[test]
fn the_schemas_are_current() {
    let written = |schema: schemars::Schema| serde_json::to_string_pretty(&schema).unwrap() + "\n";
    support::snapshot("docs/report.schema.json", &written(schemars::schema_for!(Report)));
    support::snapshot("docs/cohort.schema.json", &written(schemars::schema_for!(doctor::cohort::Cohort)));
    support::snapshot("docs/recording.schema.json", &written(schemars::schema_for!(Recording)));
}

fn fits(schema: &str, value: &serde_json::Value, what: &str) {
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {}", errors.join("\n"));
}

/// The report of a machine that is all written down.
fn report(recording: Recording) -> Report {
    let catalog = support::catalog();
    let who = Who::recorded(&recording.machine);
    let host: Arc<dyn Host> = Arc::new(Replay::new(recording));
    let plan = Plan::new(&catalog, &Selection::default(), host.platform()).unwrap();
    let limits = Limits { deadline: Instant::now() + Duration::from_secs(60), deep: false, jobs: None, in_turn: false };
    let findings = examine(&plan, &host, &catalog.calendar, limits, &mut |_| {});
    let doctor =
        Program { version: "0".into(), checks: catalog.digest.clone(), knowledge: catalog.calendar.taken.clone() };
    assemble(&*host, &who, doctor, Run::default(), "bench 3", findings)
}

#[test]
fn real_reports_fit_the_schema_and_read_back() {
    for word in ["ubuntu", "fedora", "alpine", "container", "wsl", "macos", "windows"] {
        let recording = Recording {
            unstated: Unstated::Absent,
            platform: support::platform(word),
            home: Some("~".into()),
            machine: "0123456789abcdef".into(),
            ..Recording::default()
        };
        let report = report(recording);
        assert!(!report.findings.is_empty());
        let value = serde_json::to_value(&report).unwrap();
        fits(REPORT_SCHEMA, &value, word);
        let back: Report = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(back).unwrap(), value, "{word}");
    }
}

#[test]
fn a_report_that_lost_a_field_does_not_fit() {
    let recording =
        Recording { unstated: Unstated::Absent, platform: support::platform("ubuntu"), ..Recording::default() };
    let mut value = serde_json::to_value(report(recording)).unwrap();
    value.as_object_mut().unwrap().remove("summary");
    let schema: serde_json::Value = serde_json::from_str(REPORT_SCHEMA).unwrap();
    assert!(!jsonschema::validator_for(&schema).unwrap().is_valid(&value));
}

/// The machines that other tests use, and the example that the documentation gives, are recordings.
#[test]
fn recordings_fit_their_schema() {
    let mut texts = vec![("docs/recording.md".to_owned(), example())];
    for entry in fs::read_dir(support::folder("tests/cli/machines")).into_iter().flatten() {
        let path = entry.unwrap().path();
        texts.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
    }
    for (name, text) in texts {
        fits(RECORDING_SCHEMA, &serde_json::from_str(&text).unwrap(), &name);
        Recording::read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// The example in the documentation.
fn example() -> String {
    let text = fs::read_to_string(support::folder("docs/recording.md")).unwrap();
    let (_, rest) = text.split_once("```json\n").expect("docs/recording.md has an example");
    rest.split_once("```").unwrap().0.to_owned()
}

/// The example does what the documentation says it does.
#[test]
fn the_documented_example_is_examined() {
    let report = report(Recording::read(&example()).unwrap());
    let git = report.findings.iter().find(|finding| finding.id.starts_with("git.")).unwrap();
    assert_eq!(git.outcome.word(), "pass", "{git:?}");
    assert!(git.version.as_deref().is_some_and(|version| version.starts_with("2.47.1")), "{git:?}");
}
