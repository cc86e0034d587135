//! What the findings of one doctor's reports have in common. The same check writes the same title, reason and address
//! into every report, and mostly the same result; so a finding that was held to the grammar once is not read again
//! where its bytes stand again, but known by the number of its form. Numbers that nobody asks for, such as how long
//! something took, differ from report to report: findings of one form may differ in these, and in nothing else.

use std::collections::HashMap;

use crate::cohort::scan::Cursor;

/// Numbers of forms that are in use at a time differ by less.
pub const FORMS: usize = 1 << 12;

/// Forms that may follow one form.
const WAYS: usize = 8;
/// Bytes of all forms.
const MOST_BYTES: usize = 4 << 20;
/// Digests of findings seen once that are kept.
const MOST_ONCE: usize = 4 * FORMS;
/// Objects of each kind that are kept, and how long they may be.
const MOST_OBJECTS: usize = 16;
const LONGEST_OBJECT: usize = 4096;
/// The place of what no form came before; of the beginning of a report.
pub(super) const BEGINNING: usize = 0;
/// The place of a finding without a form.
pub(super) const NONE: usize = usize::MAX;

/// What was read before, for one reader.
#[derive(Debug)]
pub struct Habit {
    /// The first stands for the beginning of a report.
    forms: Vec<Form>,
    bytes: usize,
    /// The number of the first of `forms`.
    first: u32,
    /// Places of forms by a digest of their text; [`BEGINNING`] for a finding that was seen once: most of what
    /// stands in one report only never comes again.
    by_digest: HashMap<u64, u16>,
    /// Objects of reports' heads that many share, often seen ones first.
    objects: Vec<Box<[u8]>>,
    /// Summaries but for their numbers, often seen ones first, and whether they say that the machine is ready.
    summaries: Vec<(Form, bool)>,
    /// Findings of the last report.
    usual: usize,
}

/// A finding's text without the numbers that may differ.
#[derive(Debug, Default)]
struct Form {
    text: Box<[u8]>,
    /// Where a number stood.
    cuts: Box<[usize]>,
    /// Places of forms that came next, often seen ones first; 0 is none.
    next: [u16; WAYS],
}

impl Form {
    /// How many bytes of a text have this form.
    #[inline(always)]
    fn fits(&self, rest: &[u8]) -> Option<usize> {
        let (mut at, mut from) = (0, 0);
        for cut in &self.cuts {
            let part = self.text.get(from..*cut)?;
            if rest.get(at..at + part.len())? != part {
                return None;
            }
            at += part.len();
            at += digits(rest, at)?;
            from = *cut;
        }
        let part = self.text.get(from..)?;
        if rest.get(at..at + part.len())? != part {
            return None;
        }
        Some(at + part.len())
    }
}

/// How many bytes a whole number without a sign takes; what follows it is looked at by whoever asks.
#[inline(always)]
fn digits(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while text.get(at)?.is_ascii_digit() {
        at += 1;
    }
    // None of JSON's begins with a zero, but zero itself.
    let good = at > from && (text[from] != b'0' || at == from + 1);
    good.then_some(at - from)
}

impl Default for Habit {
    fn default() -> Self {
        Self {
            forms: vec![Form::default()],
            bytes: 0,
            first: 0,
            by_digest: HashMap::new(),
            objects: Vec::new(),
            summaries: Vec::new(),
            usual: 0,
        }
    }
}

impl Habit {
    /// How many findings the last report had.
    pub(super) fn usual(&self) -> usize {
        self.usual
    }

    /// Notes how many findings a report had.
    pub(super) fn had(&mut self, findings: usize) {
        self.usual = findings;
    }

    /// The number of a form; 0 for none.
    pub(super) fn number(&self, place: usize) -> u32 {
        match place {
            NONE => 0,
            place => self.first.wrapping_add(place as u32),
        }
    }

    /// Passes over the next finding where its form was seen before behind that of the `last` one.
    #[inline]
    pub(super) fn again(&mut self, last: usize, cursor: &mut Cursor<'_>) -> Option<usize> {
        let forms = self.forms.as_mut_slice();
        let rest = cursor.rest();
        let next = forms.get(last)?.next;
        for (way, at) in next.iter().enumerate() {
            let at = usize::from(*at);
            if at == BEGINNING {
                return None;
            }
            if let Some(len) = forms.get(at)?.fits(rest) {
                if way > 0 {
                    forms[last].next.swap(way, way - 1);
                }
                cursor.at += len;
                return Some(at);
            }
        }
        None
    }

    /// Remembers a finding that came after the `last` one, with where the numbers stand that may differ; gives its
    /// form's place.
    pub(super) fn learn(&mut self, last: usize, text: &[u8], numbers: &[(usize, usize)]) -> usize {
        let (plain, cuts) = without(text, numbers);
        let digest = digest(&plain);
        let place = match self.by_digest.get(&digest).map(|place| usize::from(*place)) {
            Some(BEGINNING) => {
                if self.forms.len() >= FORMS || self.bytes + plain.len() > MOST_BYTES {
                    self.forget();
                    return NONE;
                }
                self.bytes += plain.len();
                self.by_digest.insert(digest, self.forms.len() as u16);
                self.forms.push(Form { text: plain.into(), cuts: cuts.into(), next: [0; WAYS] });
                self.forms.len() - 1
            }
            Some(place) if *self.forms[place].text == *plain && *self.forms[place].cuts == *cuts => place,
            Some(_) => return NONE,
            None => {
                if self.by_digest.len() >= MOST_ONCE {
                    self.by_digest.retain(|_, place| *place > 0);
                }
                self.by_digest.insert(digest, 0);
                return NONE;
            }
        };
        if let Some(before) = self.forms.get_mut(last) {
            let way = before.next.iter().position(|way| *way == 0).unwrap_or(WAYS - 1);
            before.next[way] = place as u16;
        }
        place
    }

    /// Begins anew; numbers of forms are not given a second time.
    fn forget(&mut self) {
        let first = self.first.wrapping_add(self.forms.len() as u32);
        *self = Self { first, ..Self::default() };
    }

    /// Passes over an object that stands in many reports word for word.
    pub(super) fn object_again(&mut self, cursor: &mut Cursor<'_>) -> bool {
        let rest = cursor.rest();
        let Some(at) = self.objects.iter().position(|object| rest.starts_with(object)) else { return false };
        cursor.at += self.objects[at].len();
        if at > 0 {
            self.objects.swap(at, at - 1);
        }
        true
    }

    /// Passes over a summary that stands in many reports but for its numbers; whether it says that the machine is ready.
    pub(super) fn summary_again(&mut self, cursor: &mut Cursor<'_>) -> Option<bool> {
        let rest = cursor.rest();
        let (at, len) = self.summaries.iter().enumerate().find_map(|(at, (form, _))| Some((at, form.fits(rest)?)))?;
        cursor.at += len;
        let ready = self.summaries[at].1;
        if at > 0 {
            self.summaries.swap(at, at - 1);
        }
        Some(ready)
    }

    /// Remembers a summary that was held to the grammar, with where its numbers stand.
    pub(super) fn learn_summary(&mut self, text: &[u8], numbers: &[(usize, usize)], ready: bool) {
        if text.first() == Some(&b'{') && text.len() < LONGEST_OBJECT {
            let (text, cuts) = without(text, numbers);
            self.summaries.truncate(MOST_OBJECTS - 1);
            self.summaries.push((Form { text: text.into(), cuts: cuts.into(), next: [0; WAYS] }, ready));
        }
    }

    /// Remembers an object of a report's head that was held to the grammar.
    pub(super) fn learn_object(&mut self, object: &[u8]) {
        if object.first() == Some(&b'{') && object.len() < LONGEST_OBJECT {
            self.objects.truncate(MOST_OBJECTS - 1);
            self.objects.push(object.into());
        }
    }
}

/// A text without its numbers, and where they stood.
fn without(text: &[u8], numbers: &[(usize, usize)]) -> (Vec<u8>, Vec<usize>) {
    let mut plain = Vec::with_capacity(text.len());
    let mut cuts = Vec::with_capacity(numbers.len());
    let mut from = 0;
    for (start, end) in numbers {
        plain.extend_from_slice(&text[from..*start]);
        cuts.push(plain.len());
        from = *end;
    }
    plain.extend_from_slice(&text[from..]);
    (plain, cuts)
}

/// A number that texts seldom share.
fn digest(text: &[u8]) -> u64 {
    let mix = |so_far: u64, word: u64| (so_far ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let (words, rest) = text.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let so_far = words.iter().fold(text.len() as u64, |so_far, word| mix(so_far, u64::from_le_bytes(*word)));
    mix(so_far, u64::from_le_bytes(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::parse;

    fn report(finding: &str) -> String {
        format!(r#"{{"schema":1,"findings":[{{"id":"a","evidence":{{"exit":0,"ms":12}},"ms":7,"x":"é"}},{finding}]}}"#)
    }

    /// Forms of the last of some reports' findings, and whether it is UTF-8.
    fn forms(reports: &[&[u8]]) -> (Vec<u32>, bool) {
        let mut habit = Habit::default();
        let docs = reports.iter().map(|text| parse::report(&mut Cursor::new(text, 0), &mut habit).unwrap());
        let last = docs.last().unwrap();
        (last.findings.iter().map(|finding| finding.form).collect(), last.is_utf8)
    }

    fn after(findings: &[&str]) -> Vec<u32> {
        let reports: Vec<String> = findings.iter().map(|finding| report(finding)).collect();
        forms(&reports.iter().map(String::as_bytes).collect::<Vec<_>>()).0
    }

    #[test]
    fn findings_are_known_by_all_but_numbers_that_nobody_asks_for() {
        let seen = r#"{"id":"b","found":"1","ms":12,"evidence":{"exit":0,"ms":3}}"#;
        let known = after(&[seen, seen, seen]);
        assert!(known[0] > 0 && known[1] > 0 && known[0] != known[1], "{known:?}");
        let alike = r#"{"id":"b","found":"1","ms":0,"evidence":{"exit":0,"ms":1234567}}"#;
        assert_eq!(after(&[seen, seen, alike]), known);
        assert_eq!(after(&[seen]), [0, 0], "what came once may never come again");
        for other in [
            seen.replace(r#""found":"1""#, r#""found":"2""#),
            seen.replace(r#""exit":0"#, r#""exit":1"#),
            seen.replace(r#""ms":12"#, r#""ms":1.5"#),
            seen.replace(r#""ms":12"#, r#""ms":-1"#),
            seen.replace(r#""ms":12"#, r#""ms":"12""#),
            seen.replace(r#""ms":12"#, r#""ms": 12"#),
        ] {
            assert_eq!(after(&[seen, seen, &other]), [known[0], 0], "{other}");
        }
        let broken = report(&seen.replace(r#""ms":12"#, r#""ms":012"#));
        let mut habit = Habit::default();
        for text in [report(seen), report(seen), report(seen)] {
            parse::report(&mut Cursor::new(text.as_bytes(), 0), &mut habit).unwrap();
        }
        assert!(parse::report(&mut Cursor::new(broken.as_bytes(), 0), &mut habit).is_err());
    }

    #[test]
    fn a_summary_that_is_known_by_its_form_says_what_it_says() {
        let summary = |verdict: &str, passed: &str| {
            format!(r#"{{"schema":1,"summary":{{"verdict":"{verdict}","passed":{passed}}},"findings":[]}}"#)
        };
        let mut habit = Habit::default();
        for (verdict, passed) in [
            ("ready", "16"),
            ("not-ready", "16"),
            ("ready", "7"),
            ("not-ready", "0"),
            ("ready", "-1"),
            ("ready", "1.5"),
            ("ready", "1234"),
        ] {
            let text = summary(verdict, passed);
            let read = parse::report(&mut Cursor::new(text.as_bytes(), 0), &mut habit).unwrap();
            assert_eq!(read.says_ready, verdict == "ready", "{text}");
        }
        assert_eq!(habit.summaries.len(), 4, "those with numbers as they usually are share a form");
        for wrong in ["01", "1.", "", "1}", "\"1"] {
            let text = summary("ready", wrong);
            assert!(parse::report(&mut Cursor::new(text.as_bytes(), 0), &mut habit).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_utf8_is_noticed_wherever_it_stands() {
        let good = report(r#"{"id":"b"}"#).into_bytes();
        assert!(forms(&[&good, &good, &good]).1);
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] = 0xe9;
            let mut habit = Habit::default();
            for _ in 0..3 {
                parse::report(&mut Cursor::new(&good, 0), &mut habit).unwrap();
            }
            for _ in 0..3 {
                let read = parse::report(&mut Cursor::new(&bad, 0), &mut habit);
                assert!(read.is_err() || !read.unwrap().is_utf8, "{place}");
            }
        }
    }

    #[test]
    fn forms_are_bounded() {
        let mut habit = Habit::default();
        for number in 0..3 * FORMS {
            let text = report(&format!(r#"{{"id":"b","found":"{number}"}}"#));
            for _ in 0..2 {
                parse::report(&mut Cursor::new(text.as_bytes(), 0), &mut habit).unwrap();
            }
            assert!(habit.forms.len() <= FORMS && habit.by_digest.len() <= MOST_ONCE + 1 && habit.bytes <= MOST_BYTES);
        }
        assert!(habit.first > 0, "it began anew");
    }
}
