//! What stands against a line of a file, for code scanning: SARIF 2.1.0, and GitLab's code quality report. A finding
//! that no requirement file or profile asks for has no line to stand at, and is in the other formats only.

use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{json, plain};
use crate::model::{Finding, Report, finding::Asked, report::Standing};

/// The schema that the document names and fits.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The findings that somebody should act on and that a file's line asks for.
fn anchored(report: &Report) -> impl Iterator<Item = (&Finding, &Asked, Standing)> {
    let acts = |standing| matches!(standing, Standing::Failed | Standing::Unclear | Standing::Warned);
    report.findings.iter().filter_map(move |finding| {
        let standing = report.standing(finding);
        finding.asked.as_ref().filter(|_| acts(standing)).map(|asked| (finding, asked, standing))
    })
}

/// Writes SARIF.
///
/// # Errors
/// What writing says.
pub fn sarif(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (mut rules, mut results) = (Vec::new(), Vec::new());
    for (finding, asked, standing) in anchored(report) {
        let advice = plain::advice(finding).join("\n");
        let level = if standing == Standing::Warned { "warning" } else { "error" };
        rules.push(json!({
            "id": plain::state(finding),
            "shortDescription": { "text": plain::name(finding) },
            "fullDescription": { "text": finding.why },
            "help": { "text": if advice.is_empty() { plain::found(finding) } else { advice } },
            "defaultConfiguration": { "level": level },
        }));
        results.push(json!({
            "ruleId": plain::state(finding),
            "ruleIndex": results.len(),
            "level": level,
            "message": { "text": format!("{} ({})", plain::found(finding), plain::asked(finding)) },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": uri(&asked.file) },
                "region": { "startLine": asked.line.max(1) },
            } }],
            "partialFingerprints": { "doctor/v1": fingerprint(finding, asked) },
        }));
    }
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "doctor", "version": report.doctor.version, "rules": rules } },
            "results": results,
            "properties": { "checks": report.doctor.checks, "profile": report.profile },
        }],
    });
    json::document(&document, out)
}

/// Writes GitLab's code quality report.
///
/// # Errors
/// What writing says.
pub fn gitlab(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let issues: Vec<Value> = anchored(report)
        .map(|(finding, asked, standing)| {
            let severity = if standing == Standing::Warned { "minor" } else { "major" };
            let lines = std::iter::once(plain::found(finding)).chain(plain::advice(finding));
            json!({
                "description": lines.collect::<Vec<_>>().join("\n"),
                "check_name": plain::state(finding),
                "fingerprint": fingerprint(finding, asked),
                "severity": severity,
                "location": { "path": relative(&asked.file), "lines": { "begin": asked.line.max(1) } },
            })
        })
        .collect();
    json::document(&issues, out)
}

/// The same for the same problem of the same file in every run, wherever its line moves to.
fn fingerprint(finding: &Finding, asked: &Asked) -> String {
    let digest = Sha256::digest(format!("{}\n{}", plain::state(finding), asked.file));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A path with `/`, without what leads nowhere.
fn relative(file: &str) -> String {
    let file = file.replace('\\', "/");
    file.trim_start_matches("./").to_owned()
}

/// A path as a relative reference: whatever could mean something in an address is written as its bytes.
fn uri(file: &str) -> String {
    let mut out = String::new();
    for byte in relative(file).bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("./a b/ü:#?.json"), "a%20b/%C3%BC%3A%23%3F.json");
        assert_eq!(uri("web\\package.json"), "web/package.json");
    }
}
