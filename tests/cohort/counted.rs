//! Who counts as whom, which report counts, and what follows: the same numbers in every view.

use std::collections::{BTreeMap, BTreeSet};

use doctor::{
    cohort::{Cohort, Word, gather::Wanted},
    render::cohort::Format,
};

use super::class::{class, csv, notices, of, report, roster, verdicts, view, wanted};

#[test]
fn verdicts_say_who_can_mend_it() {
    let cohort = class(
        &[
            report("ada"),
            report("bob").fails("git.identity", "missing"),
            report("cyd").with("/findings/2/outcome", "unknown"),
            report("dan").fails("git.default-branch", "unset"),
            report("eve").with("/platform/escalate", "none").fails("git.installed", "absent"),
        ],
        wanted(),
    );
    let all = [("ada", "ready"), ("bob", "alone"), ("cyd", "staff"), ("dan", "ready"), ("eve", "admin")];
    assert_eq!(verdicts(&cohort), all);
    let eve = cohort.learners.iter().find(|one| one.id == "eve").unwrap();
    assert_eq!(eve.reason, "The report says absent");
    assert_eq!(cohort.learners[0].id, "eve", "those who need most help come first");
}

fn verdict_of<'a>(cohort: &'a Cohort, id: &str) -> &'a str {
    cohort.learners.iter().find(|one| one.id == id).unwrap().verdict.word()
}

#[test]
fn the_latest_run_of_each_machine_and_system_counts() {
    let runs = [
        report("ada").at("2026-11-21T10:00:00Z"),
        report("ada").fails("git.identity", "missing"),
        // The same second: what comes later in the inputs.
        report("bob").fails("git.identity", "missing"),
        report("bob"),
        // Another zone: really earlier.
        report("cyd").at("2026-11-20T12:00:00+05:00").fails("git.identity", "missing"),
        report("cyd"),
        // A clock that is wrong never wins, whichever comes first.
        report("dan").at("2099-01-01T00:00:00Z").fails("git.identity", "missing"),
        report("dan"),
        report("eve"),
        report("eve").at("1970-01-01T00:00:00Z").fails("git.identity", "missing"),
        // WSL and Windows are two.
        report("fay").machine("w").on("windows", "windows"),
        report("fay").machine("l").on("wsl", "linux").fails("git.identity", "missing"),
    ];
    let cohort = class(&runs, wanted());
    let all =
        [("ada", "ready"), ("bob", "ready"), ("cyd", "ready"), ("dan", "ready"), ("eve", "ready"), ("fay", "alone")];
    assert_eq!(verdicts(&cohort), all);
    assert_eq!((cohort.summary.reports, cohort.summary.counted, cohort.summary.earlier), (12, 7, 5));
    // Only runs that count are looked at: the odd ones were replaced.
    assert!(!notices(&cohort).contains(&"odd-time"));
    let mut backwards = runs.to_vec();
    backwards.swap(0, 1);
    backwards.swap(6, 7);
    backwards.swap(8, 9);
    assert_eq!(verdicts(&class(&backwards, wanted())), all);

    let every = class(&runs, Wanted { all: true, ..wanted() });
    assert_eq!((every.summary.counted, every.summary.learners, every.summary.earlier), (12, 6, 0));
    assert!(notices(&every).contains(&"odd-time"));
    let since = class(&runs, Wanted { since: Some(super::class::NOW - 36 * 3600), ..wanted() });
    assert_eq!((since.summary.learners, since.summary.before), (2, 10));
    let scopes = class(&runs, Wanted { scopes: vec!["windows".into()], ..wanted() });
    assert_eq!((scopes.summary.learners, scopes.summary.elsewhere), (1, 11));
}

#[test]
fn learners_are_told_apart_and_put_together() {
    let cohort = class(
        &[
            report("Ada"),
            report(" ada ").machine("m-Ada").at("2026-11-21T10:00:00Z").fails("git.identity", "missing"),
            report("").machine("m-Ada").at("2026-11-19T10:00:00Z"),
            report("bob").machine("m-shared"),
            report("cyd").machine("m-shared"),
            report("").machine("m-nobody"),
            report("").machine(""),
        ],
        wanted(),
    );
    assert_eq!(
        verdicts(&cohort),
        [("6.json", "ready"), ("ada", "alone"), ("bob", "ready"), ("cyd", "ready"), ("m-nobody", "ready")]
    );
    let shared = cohort.notices.iter().find(|notice| notice.kind == "same-machine").unwrap();
    assert_eq!(shared.learners, ["bob", "cyd"]);
    assert!(notices(&cohort).contains(&"copied"), "one machine, one second, two names");
}

#[test]
fn ids_that_mean_something_elsewhere_are_ids() {
    let ids = ["../../x", "CON", "__proto__", "constructor", "=1+1", "a\u{202e}b", "NULL", "-", "0"];
    let cohort = class(&ids.map(report), wanted());
    assert_eq!(cohort.summary.learners, ids.len());
    let files: BTreeSet<String> = super::class::messages(&cohort).into_iter().map(|(name, _)| name).collect();
    assert_eq!(files.len(), ids.len());
    for name in files {
        assert!(!name.contains(['/', '\\', ':']) && !name.starts_with('.') && name != "CON.txt", "{name}");
    }
}

#[test]
fn a_roster_says_who_is_missing_and_whose_a_file_is() {
    let list = roster("id,name,group\nada,Ada Lovelace,A\nbob,Bob Babbage,B\ncyd,Cyd Charisse,A\n");
    let (a, b, c, d) = (
        report("ada").text(),
        report("").machine("m-b").text(),
        report("zed").text(),
        report("ada").machine("m-2").text(),
    );
    let cohort = of(
        &[("x/ada.json", &a), ("in.zip/Bob Babbage_17_file_/report.json", &b), ("zed.json", &c), ("bob.json", &d)],
        list,
    );
    assert_eq!(verdicts(&cohort), [("ada", "ready"), ("bob", "ready"), ("zed", "ready")]);
    assert_eq!(cohort.not_reported.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["cyd"]);
    assert_eq!((cohort.summary.expected, cohort.summary.not_reported), (3, 1));
    let ada = cohort.learners.iter().find(|one| one.id == "ada").unwrap();
    assert_eq!((ada.name.as_str(), ada.group.as_str(), ada.machines.len()), ("Ada Lovelace", "A", 2));
    assert_eq!(notices(&cohort), ["name-and-file", "not-in-roster"]);
}

#[test]
fn what_does_not_add_up_is_said() {
    let lying = report("ada").fails("git.identity", "missing").with("/summary/verdict", "ready");
    let mut part = report("bob");
    part.0["findings"].as_array_mut().unwrap().truncate(1);
    let mut twice = report("cyd");
    let mut again = twice.finding("git.installed").clone();
    again["outcome"] = "fail".into();
    twice.0["findings"].as_array_mut().unwrap().push(again);
    let unknown = report("dan").with("/findings/0/id", "course.own");
    let exploded = report("eve").with("/findings/0/outcome", "exploded");
    let system = report("fay").on("other", "plan9");
    let cohort = class(
        &[
            lying,
            part,
            twice,
            unknown,
            exploded,
            system,
            report("gus").at("never"),
            report("hal").at("2026-11-20T10:00:00"),
        ],
        wanted(),
    );
    assert_eq!(notices(&cohort), ["check-twice", "no-time", "no-zone", "summary-disagrees", "unknown-checks"]);
    let of = |id: &str| verdict_of(&cohort, id);
    assert_eq!((of("ada"), of("bob"), of("gus"), of("hal")), ("alone", "alone", "ready", "ready"));
    assert!(cohort.learners.iter().find(|one| one.id == "bob").unwrap().reason.contains("missing from the report"));
    assert_ne!(of("cyd"), "ready", "the worse of two counts");
    assert_eq!((of("eve"), of("fay")), ("staff", "staff"));
}

#[test]
fn one_cause_is_one_cause_and_a_platform_alone_is_suspected() {
    let mut reports = Vec::new();
    for at in 0..10 {
        let one = report(&format!("mac-{at}")).on("macos", "macos");
        reports.push(if at < 7 { one.fails("git.identity", "missing") } else { one });
        let two = report(&format!("linux-{at}"));
        reports.push(if at < 1 { two.fails("git.identity", "missing") } else { two });
    }
    // Waiting is no cause of its own.
    let mut blocked = report("linux-99").fails("git.installed", "absent");
    let waits = blocked.finding("git.identity");
    waits["outcome"] = "skip".into();
    waits["blocked-by"] = "git.installed".into();
    reports.push(blocked);
    let cohort = class(&reports, wanted());
    let cause = &cohort.causes[0];
    assert_eq!((cause.id.as_str(), cause.learners, cause.per_mille), ("git.identity/missing", 8, 381));
    assert_eq!(cause.suspect, ["macos-intel"]);
    let on: Vec<(&str, usize, usize)> =
        cause.platforms.iter().map(|on| (on.platform.as_str(), on.learners, on.of)).collect();
    assert_eq!(on, [("linux-debian", 1, 11), ("macos-intel", 7, 10)]);
    assert!(!cohort.fixes[cause.fixes[0].fix].run.is_empty());
    assert_eq!(cohort.causes.len(), 2);
    let column = cohort.checks.iter().find(|check| check.id == "git.identity").unwrap();
    assert_eq!((column.counts.pass, column.counts.fail, column.counts.blocked), (12, 8, 1));
}

#[test]
fn every_view_has_the_same_numbers() {
    let reports = [
        report("ada"),
        report("bob").fails("git.identity", "missing"),
        report("bob").machine("m-2").on("windows", "windows").fails("git.default-branch", "unset"),
        report("cyd").fails("docker.daemon", "stopped").fails("git.identity", "missing"),
        // A check that nobody else has.
        report("dan").with("/findings/3/id", "course.own").with("/findings/3/outcome", "unknown"),
    ];
    let cohort = class(&reports, roster("id\nada\nbob\ncyd\nzoe\n"));
    numbers_agree(&cohort);
}

/// Compares every number that several views show.
pub fn numbers_agree(cohort: &Cohort) {
    let json: serde_json::Value = serde_json::from_str(&view(cohort, Format::Json)).unwrap();
    let summary = &json["summary"];
    let number = |name: &str| summary[name].as_u64().unwrap() as usize;

    let terminal = view(cohort, Format::Human);
    let head = format!(
        "{} learners · {} ready · {} can fix it alone · {} need",
        number("learners"),
        number("ready"),
        number("alone"),
        number("staff"),
    );
    assert!(terminal.replace("1 needs", "1 need").starts_with(&head), "{head}\n{terminal}");
    let markdown = view(cohort, Format::Markdown);
    assert!(
        markdown.replace("1 needs", "1 need").starts_with(&format!("## Cohort: {}", head.replace(" · ", ", "))),
        "{markdown}"
    );

    // Cells by check and word, as each view has them.
    let mut of_json: BTreeMap<(String, String), usize> = BTreeMap::new();
    for check in json["checks"].as_array().unwrap() {
        for word in Word::ALL {
            let many = check["counts"][word.word()].as_u64().unwrap() as usize;
            of_json.insert((check["id"].as_str().unwrap().to_owned(), word.word().to_owned()), many);
        }
    }
    let none = || of_json.keys().cloned().map(|key| (key, 0)).collect::<BTreeMap<_, _>>();

    let rows = csv(&view(cohort, Format::Csv));
    let column = |name: &str| rows[0].iter().position(|cell| cell == name).unwrap();
    let mut of_csv = none();
    let mut by_verdict: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &rows[1..] {
        assert_eq!(row.len(), rows[0].len());
        by_verdict.entry(row[column("verdict")].clone()).or_default().insert(row[column("learner")].clone());
        for check in json["checks"].as_array().unwrap() {
            let id = check["id"].as_str().unwrap().to_owned();
            let word = row[column(&id)].clone();
            if !word.is_empty() {
                *of_csv.get_mut(&(id, word)).unwrap() += 1;
            }
        }
    }
    assert_eq!(of_csv, of_json);
    let learners = |verdict: &str| by_verdict.get(verdict).map_or(0, BTreeSet::len);
    for verdict in ["ready", "alone", "staff", "admin", "not-reported"] {
        assert_eq!(learners(verdict), number(verdict), "{verdict}");
    }

    let rows = csv(&view(cohort, Format::CsvLong));
    let mut of_long = none();
    for row in &rows[1..] {
        *of_long.get_mut(&(row[6].clone(), row[7].clone())).unwrap() += 1;
    }
    assert_eq!(of_long, of_json);

    let mut of_ndjson = none();
    let mut causes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for line in view(cohort, Format::Ndjson).lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        *kinds.entry(text("kind")).or_default() += 1;
        match text("kind").as_str() {
            "finding" => *of_ndjson.get_mut(&(text("check_id"), text("word"))).unwrap() += 1,
            "open" => drop(causes.entry(text("diagnosis")).or_default().insert(text("learner"))),
            _ => {}
        }
    }
    assert_eq!(of_ndjson, of_json);
    let kind = |name: &str| kinds.get(name).copied().unwrap_or(0);
    assert_eq!(
        (kind("machine"), kind("not-reported"), kind("rejected")),
        (number("counted"), number("not-reported"), number("rejected"))
    );
    for cause in json["causes"].as_array().unwrap() {
        let (id, many) = (cause["id"].as_str().unwrap(), cause["learners"].as_u64().unwrap() as usize);
        assert_eq!(causes[id].len(), many, "{id}");
        let words = format!("{many} learner");
        assert!(terminal.contains(&words) && markdown.contains(&words));
    }
    assert_eq!(causes.len(), json["causes"].as_array().unwrap().len());

    let html = view(cohort, Format::Html);
    for (name, what) in [
        ("learners", "learners reported"),
        ("ready", "ready"),
        ("alone", "can fix it alone"),
        ("staff", "need staff"),
        ("admin", "need admin"),
    ] {
        assert!(html.contains(&format!("<li><b>{}</b> {what}</li>", number(name))), "{name}");
    }
    let matrix = html.split_once("<tbody>").unwrap().1.split_once("id=\"matrix\"").unwrap().1;
    let body = matrix.split_once("<tbody>").unwrap().1.split_once("<tfoot>").unwrap().0;
    for (word, class) in [
        ("pass", "p"),
        ("fail", "f"),
        ("warn", "w"),
        ("unknown", "u"),
        ("skip", "s"),
        ("blocked", "b"),
        ("waived", "v"),
        ("missing", "m"),
    ] {
        let plain = body.matches(&format!("<td class={class}>{word}</td>")).count();
        let quiet = body.matches(&format!("<td class=\"{class} q\">{word}</td>")).count();
        let all: usize = of_json.iter().filter(|((_, of), _)| of == word).map(|(_, many)| many).sum();
        assert_eq!(plain + quiet, all, "{word}");
    }
}
