//! Whatever the bytes are, reading ends, and takes for JSON what an independent reader takes for it.

use std::collections::HashMap;

use doctor::cohort::{
    parse,
    scan::{Cursor, Wrong},
    text,
};

use super::class::{class, of, report, wanted};

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % most as u64) as usize
    }
}

fn mutated(text: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        let sign = b"{}[]\",:\\u0 \n\x00\x1b-1eE.tfn\xff\xc3"[dice.below(24)];
        match dice.below(5) {
            0 => bytes[at] = sign,
            1 => bytes.insert(at, sign),
            2 => drop(bytes.remove(at)),
            3 => bytes.truncate(at.max(1)),
            _ => {
                let end = (at + dice.below(40)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                let into = dice.below(bytes.len());
                bytes.splice(into..into, part);
            }
        }
    }
    bytes
}

/// What a finding says to whoever counts it.
fn meaning(row: &parse::Row<'_>) -> String {
    let plain = parse::Row { evidence: b"", fix: b"", ..*row };
    format!("{plain:?} {:?} {:?}", parse::evidence(row.evidence), parse::commands(row.fix))
}

/// What a report says, or why it is none.
fn said(read: &Result<parse::Doc<'_>, Wrong>) -> String {
    let Ok(doc) = read else { return format!("{read:?}") };
    let rows: Vec<String> = doc.findings.iter().map(|finding| format!("{:?}", doc.row(finding))).collect();
    format!("{:?} {rows:?}", doc.head())
}

#[test]
fn what_is_json_is_decided_as_everywhere() {
    let mut one = report("ada \u{e9}\n\"q\"").fails("git.identity", "missing");
    one.finding("git.identity")["evidence"] =
        serde_json::json!({ "argv": ["a"], "exit": -1, "x": [1.5e3, null, true, {}] });
    let text = one.text().replacen("ada", "ada\\u00e9\\ud83d\\ude00", 1);
    let mut dice = Dice(7);
    // One for all rounds, as for one worker's reports.
    let mut habit = parse::Habit::default();
    let mut forms: HashMap<u32, String> = HashMap::new();
    let (mut good, mut known) = (0, 0);
    for round in 0..6_000 {
        let bytes = mutated(text.as_bytes(), &mut dice);
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let mut cursor = Cursor::new(&bytes, 0);
        let ours = cursor.skip().is_ok() && {
            cursor.peek();
            cursor.at == bytes.len()
        };
        assert_eq!(ours, theirs, "round {round}: {text}");
        // What was read before changes nothing, and a report is read only where it is JSON as a whole.
        let mut cursor = Cursor::new(&bytes, 0);
        let read = parse::report(&mut cursor, &mut habit);
        let alone = parse::report(&mut Cursor::new(&bytes, 0), &mut parse::Habit::default());
        assert_eq!(said(&read), said(&alone), "round {round}: {text}");
        // Findings of one form say the same.
        for finding in read.iter().flat_map(|doc| &doc.findings).filter(|finding| finding.form > 0) {
            let says = meaning(&read.as_ref().unwrap().row(finding).unwrap());
            let first = forms.entry(finding.form).or_insert_with(|| says.clone());
            assert_eq!(*first, says, "round {round}: {text}");
            known += 1;
        }
        if read.is_ok() {
            good += 1;
            assert!(Cursor::new(&bytes[..cursor.at], 0).skip().is_ok());
        }
    }
    assert!(good > 300 && known > 1000 && forms.len() > 10, "{good} {known} {}", forms.len());
}

#[test]
fn no_bytes_make_reading_fail() {
    let text = format!("{}\n{}\n", report("ada").text(), report("bob").fails("git.identity", "missing").text());
    let mut dice = Dice(11);
    let mut habit = parse::Habit::default();
    for _ in 0..1000 {
        let bytes = mutated(text.as_bytes(), &mut dice);
        for lines in [false, true] {
            let (mut good, mut bad) = (0, 0);
            text::reports(&text::utf8(&bytes), lines, &mut habit, |_, doc| match doc {
                Ok(_) => good += 1,
                Err(_) => bad += 1,
            });
            assert!(good + bad > 0, "something is always said");
        }
    }
}

#[test]
fn bombs_are_refused_in_time() {
    let deep = format!("{{\"schema\":1,\"x\":{}", "[".repeat(10_000));
    let wide = format!("{{\"schema\":1,\"findings\":[{}", "{\"id\":\"x\"},".repeat(500_000));
    let long = format!("{{\"schema\":1,\"x\":\"{}", "y".repeat(7 << 20));
    let braces = "{\"".repeat(1 << 19);
    let number = r#"{"schema":1e400,"findings":[]}"#;
    let mut names = report("many");
    names.0["findings"] =
        (0..1999).map(|at| serde_json::json!({ "id": format!("x.{at}"), "outcome": "pass" })).collect();
    let more = names.text().replace("\"x.", "\"y.");
    let good = report("ada").text();
    let cohort = of(
        &[
            ("deep", &deep),
            ("wide", &wide),
            ("long", &long),
            ("braces", &braces),
            ("number", number),
            ("names", &names.text()),
            ("more", &more),
            ("good", &good),
        ],
        wanted(),
    );
    assert_eq!(cohort.summary.rejected, 5, "{:?}", super::class::rejected(&cohort));
    assert_eq!(cohort.summary.learners, 2);
    // What was refused left no names behind that count.
    assert_eq!(cohort.checks.len(), 1999 + 4);
}

#[test]
fn odd_numbers_and_half_characters_are_read_over() {
    let text = report("ada").text().replacen("\"ms\":1", "\"ms\":1e400", 1).replacen("x86_64", "\\ud800", 1);
    let cohort = of(&[("a.json", &text)], wanted());
    assert_eq!(cohort.summary.learners, 1);
    assert_eq!(class(&[], wanted()).summary.learners, 0);
}
