//! One report in every format: whole documents, the same verdict in each, and nothing that was seen gets out of the text
//! it stands in.

use std::fs;

use ::doctor::{
    model::{Report, finding::Asked},
    render::{Format, Look, github, write},
};

use crate::doctor::{Doctor, replayed};

const ALL: &str = "demo-git demo-docker demo-python demo-wsl demo-disk";

/// Every kind of line break, escape, directive and tag that one of the formats could fall for.
const HOSTILE: &str = "x\n::error::pwned\r\n::stop-commands::t\n##[error]pwned\n%0A::warning::x</script><img src=x \
    onerror=1>]]>&#0;\u{1b}[2J\u{0}\u{fffe}\u{202e}|````` @all # SKIP it \\# TODO\nnot ok 1\nok 99 - x\n  ...\n---\nBail \
    out!\n<details>\u{2028}::error::y";

fn stable(format: &str, machine: &str) -> Doctor {
    replayed(machine, ALL).args(["--stable", "--format", format])
}

fn written(report: &Report, format: Format) -> String {
    let mut bytes = Vec::new();
    write(report, format, Look::default(), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn report(machine: &str) -> Report {
    serde_json::from_value(stable("json", machine).run().json()).unwrap()
}

/// The troubled machine's report with a line of a file behind each finding.
fn anchored() -> Report {
    let mut report = report("troubled");
    for (index, finding) in report.findings.iter_mut().enumerate() {
        finding.asked = Some(Asked { version: ">=24".into(), file: "./web app/package.json".into(), line: index + 1 });
    }
    report
}

/// The same with hostile text wherever a report has words.
fn hostile() -> Report {
    let mut value = serde_json::to_value(anchored()).unwrap();
    let words = ["id", "tool", "title", "found", "why", "diagnosis", "version", "see", "do", "file", "label", "name"];
    let mut open = vec![&mut value];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        serde_json::Value::String(text) if words.contains(&name.as_str()) => {
                            *text = format!("{text}{HOSTILE}");
                        }
                        serde_json::Value::Array(commands) if name == "run" => {
                            commands.iter_mut().for_each(|command| *command = HOSTILE.into());
                        }
                        other => open.push(other),
                    }
                }
            }
            serde_json::Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
    serde_json::from_value(value).unwrap()
}

#[test]
fn whole_documents() {
    for format in ["junit", "tap", "github", "markdown", "ndjson"] {
        stable(format, "troubled").run().code(1).screen(&format!("format-{format}"));
    }
    for (format, name) in [(Format::Sarif, "format-sarif"), (Format::Gitlab, "format-gitlab")] {
        crate::doctor::screen(name, &written(&anchored(), format));
    }
    // No file asks for anything here, so nothing has a line to stand at.
    assert_eq!(written(&report("troubled"), Format::Gitlab), "[]\n");
}

#[test]
fn the_profiles_digest_stands_in_every_report() {
    // A code quality report is a list of issues and has no place for anything else.
    for format in Format::ALL.iter().copied().filter(|format| !matches!(format, Format::Human | Format::Gitlab)) {
        let report = report("troubled");
        let digest = report.profile.as_ref().unwrap().digest.clone();
        assert!(written(&report, format).contains(&digest), "{}", format.name());
    }
}

#[test]
fn every_format_gives_the_same_verdict() {
    for (machine, words) in [
        ("healthy", ""),
        ("troubled", ""),
        ("warned", ""),
        ("warned", "--strict"),
        ("mac", ""),
        ("windows", ""),
        ("hostile", ""),
        ("unknown-system", ""),
    ] {
        let shown = |format: &str| stable(format, machine).args(words.split_whitespace()).run();
        let code = shown("json").code.unwrap();
        let bad = |format: &str, bad: &dyn Fn(&str) -> bool| {
            let shown = shown(format);
            assert_eq!(shown.code, Some(code), "{machine} {words} {format}");
            assert_eq!(shown.stdout.lines().any(bad), code == 1, "{machine} {words} {format}:\n{}", shown.stdout);
        };
        bad("junit", &|line| line.contains("<failure") || line.contains("<error"));
        bad("tap", &|line| line.starts_with("not ok") && !line.contains(" # TODO"));
        bad("github", &|line| line.starts_with("::error"));
        bad("markdown", &|line| line.contains("doctor: Not ready"));
    }
}

#[test]
fn junit_is_xml_with_every_check_and_right_counts() {
    for report in [report("healthy"), report("troubled"), report("unknown-system"), hostile()] {
        let text = written(&report, Format::Junit);
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error} in\n{text}"));
        let named = |node: roxmltree::Node<'_, '_>, name: &str| {
            node.descendants().filter(|node| node.has_tag_name(name)).count().to_string()
        };
        let root = document.root_element();
        let cases = root.descendants().filter(|node| node.has_tag_name("testcase")).count();
        assert_eq!(cases, report.findings.len() + usize::from(report.unknown_system()));
        for suite in root.descendants().filter(|node| node.has_tag_name("testsuite")).chain([root]) {
            for (attribute, element) in
                [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
            {
                if let Some(count) = suite.attribute(attribute) {
                    assert_eq!(count, named(suite, element), "{attribute}");
                }
            }
        }
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    }
}

#[test]
fn no_text_becomes_a_workflow_command() {
    let text = written(&hostile(), Format::Github);
    let (last, commands) = text.lines().collect::<Vec<_>>().split_last().map(|(l, c)| (*l, c.to_vec())).unwrap();
    assert!(last.starts_with("Not ready: ") && !last.contains("##["), "{last}");
    for line in commands {
        let known = ["::error ", "::warning ", "::notice "].iter().any(|word| line.starts_with(word));
        assert!(known && !line.contains('\r'), "{line}");
        // The runner ends the properties at the first `::` behind the command's name.
        let (properties, _) = line[2..].split_once("::").unwrap();
        let names: Vec<&str> =
            properties.split_once(' ').unwrap().1.split(',').map(|pair| pair.split('=').next().unwrap()).collect();
        assert!(names == ["file", "line", "title"] || names == ["title"], "{names:?}");
    }
}

#[test]
fn annotations_keep_within_the_caps() {
    let mut report = report("troubled");
    let failed = report.findings.iter().find(|finding| report.standing(finding).is_bad()).unwrap().clone();
    let warned = ::doctor::model::Finding { level: ::doctor::model::Level::Recommended, ..failed.clone() };
    report.findings = Vec::new();
    for number in 0..30 {
        report.findings.push(::doctor::model::Finding { id: format!("a.w{number}"), ..warned.clone() });
        report.findings.push(::doctor::model::Finding { id: format!("a.f{number}"), ..failed.clone() });
    }
    let text = written(&report, Format::Github);
    let of = |kind: &str| text.lines().filter(|line| line.starts_with(kind)).map(str::to_owned).collect::<Vec<_>>();
    for (kind, letter) in [("::error", 'f'), ("::warning", 'w')] {
        let lines = of(kind);
        assert_eq!(lines.len(), github::PER_KIND);
        assert!(lines[0].contains(&format!("title=a.{letter}0")), "the first ones are told");
        assert!(lines[9].contains(&format!("21 more: a.{letter}9, a.{letter}10")), "{}", lines[9]);
    }
    assert!(text.find("::error").unwrap() < text.find("::warning").unwrap());
}

#[test]
fn tap_has_a_point_for_every_check_and_no_other() {
    for report in [report("healthy"), report("unknown-system"), hostile()] {
        let text = written(&report, Format::Tap);
        let points: Vec<&str> =
            text.lines().filter(|line| line.starts_with("ok ") || line.starts_with("not ok ")).collect();
        let count = report.findings.len() + usize::from(report.unknown_system());
        assert_eq!(points.len(), count);
        assert_eq!(text.lines().nth(1), Some(format!("1..{count}").as_str()));
        for (index, point) in points.iter().enumerate() {
            assert!(point.contains(&format!("ok {} - ", index + 1)), "{point}");
        }
        assert!(!text.lines().any(|line| line.starts_with("Bail out") || line.starts_with("pragma")));
        // A directive is ours or none: behind the first bare `#` stands SKIP or TODO.
        let bare =
            |line: &&str| line.replace("\\\\", "").replace("\\#", "").split_once(" # ").map(|(_, d)| d.to_owned());
        assert!(points.iter().filter_map(bare).all(|d| d.starts_with("SKIP ") || d.starts_with("TODO ")));
    }
}

#[test]
fn markdown_lets_no_html_mention_or_fence_through() {
    let text = written(&hostile(), Format::Markdown);
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 && !line[ticks.len()..].contains('`') => fence = Some(ticks),
            None => {
                let own = line.replace("<details>", "").replace("<summary>", "").replace("</summary>", "");
                let own = own.replace("</details>", "");
                let outside = outside_code(&own);
                assert!(!outside.contains("<img") && !outside.contains("@all"), "{line}");
            }
        }
    }
    assert_eq!(fence, None, "every fence is closed");
}

/// What Markdown does not take for code: a run of backticks ends at the next one of its length.
fn outside_code(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line.replace("\\`", ""));
    while let Some(at) = rest.find('`') {
        out.push_str(&rest[..at]);
        let run: String = rest[at..].chars().take_while(|c| *c == '`').collect();
        let behind = &rest[at + run.len()..];
        let ends = behind
            .match_indices(&run)
            .map(|(end, _)| end)
            .find(|end| !behind[..*end].ends_with('`') && !behind[end + run.len()..].starts_with('`'));
        rest = behind[ends.map_or(0, |end| end + run.len())..].to_owned();
    }
    out + &rest
}

#[test]
fn lines_of_json_are_whole() {
    let report = hostile();
    let text = written(&report, Format::Ndjson);
    let values: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values.len(), report.findings.len() + 1);
    let mut whole = values[0]["report"].clone();
    whole["findings"] = values[1..].iter().map(|line| line["finding"].clone()).collect();
    assert_eq!(serde_json::from_value::<Report>(whole).unwrap(), report);
}

#[test]
fn sarif_and_code_quality_stand_at_lines() {
    let report = hostile();
    let sarif: serde_json::Value = serde_json::from_str(&written(&report, Format::Sarif)).unwrap();
    let issues: serde_json::Value = serde_json::from_str(&written(&report, Format::Gitlab)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), issues.as_array().unwrap().len());
    for (result, issue) in results.iter().zip(issues.as_array().unwrap()) {
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["region"]["startLine"], issue["location"]["lines"]["begin"]);
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("web%20app/package.json"), "{uri}");
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
        assert_eq!(issue["fingerprint"].as_str().unwrap().len(), 32);
    }
}

#[test]
fn auto_is_what_the_ci_reads_and_the_summary_is_added_to() {
    let mut run = replayed("troubled", ALL)
        .args(["--format", "auto"])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", "summary.md")
        .with("summary.md", "before\n");
    let shown = run.run().code(1);
    assert!(shown.stdout.starts_with("::error "), "{}", shown.stdout);
    let summary = fs::read_to_string(run.home.path().join("summary.md")).unwrap();
    assert!(summary.starts_with("before\n## doctor: Not ready"), "{summary}");
    let shown = replayed("troubled", ALL).args(["--format", "auto"]).run().code(1);
    assert!(shown.stdout.starts_with("Not ready"));
    replayed("healthy", "demo-git --format github")
        .env("GITHUB_STEP_SUMMARY", "/nowhere/summary.md")
        .run()
        .code(2)
        .says("/nowhere/summary.md cannot be written");
}

#[test]
fn one_run_writes_many_formats() {
    let names = ["r.json", "r.xml", "r.tap", "r.md", "r.sarif", "r.ndjson", "gitlab=q.json", "github=g.txt"];
    let outputs = names.iter().flat_map(|name| ["--output", name]);
    let mut run = replayed("troubled", ALL).args(outputs).args(["-q"]);
    assert_eq!(run.run().code(1).stdout.lines().count(), 1);
    for (name, start) in [
        ("r.json", "{"),
        ("r.xml", "<?xml"),
        ("r.tap", "TAP version 14"),
        ("r.md", "## doctor"),
        ("r.sarif", "{"),
        ("r.ndjson", "{\"report\":"),
        ("q.json", "["),
        ("g.txt", "::error"),
    ] {
        let text = fs::read_to_string(run.home.path().join(name)).unwrap();
        assert!(text.starts_with(start), "{name}: {text}");
    }
}

/// A pipeline whose variable is empty: nothing is examined, and it is said which option that was.
#[test]
fn a_format_without_a_file_is_refused() {
    replayed("healthy", "demo-git --output junit=").run().code(2).says("`--output junit=` names no file");
}

#[cfg(unix)]
#[test]
fn two_stable_runs_are_the_same_bytes() {
    let git = r#"case "$*" in --version) echo "git version 2.47.1";; *user.name) echo Ada;; *) echo main;; esac"#;
    let mut shown = std::collections::BTreeSet::new();
    for format in ["json", "human", "junit", "tap", "markdown", "ndjson"] {
        let one = || {
            let run = crate::doctor::doctor("machine git demo-git demo-docker --stable --timeout 20s -v").course();
            run.args(["--format", format]).tool("git", git).run().stdout
        };
        let first = one();
        std::thread::sleep(std::time::Duration::from_millis(20));
        assert_eq!(first, one(), "{format}");
        shown.insert(first);
    }
    assert_eq!(shown.len(), 6);
}
