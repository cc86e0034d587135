//! Platforms, and what the catalogue's checks find on machines of each.

use doctor::{
    catalog::Catalog,
    diagnose::{Subject, named_finding},
    model::{Evidence, Finding, Observation, Os, Outcome, Platform},
};

use crate::Dice;

/// A platform and what its machines find, ready to be put together.
pub(crate) struct Kind {
    pub(crate) platform: Platform,
    /// For each check: what it finds when all is well, and what else it may find.
    pub(crate) checks: Vec<(Finding, Vec<Finding>)>,
}

pub(crate) fn kinds(catalog: &Catalog, checks: usize, dice: &mut Dice) -> Vec<Kind> {
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
