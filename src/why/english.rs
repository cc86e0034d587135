//! What a tool said in another language, in the English words that the checks know. The wordings of the tools' own
//! message catalogues stand in `checks/translations.txt`; whatever else a text says stays as it is.

use std::cmp::Reverse;

use crate::{embedded::translations, model::Pattern};

/// As often as this a wording is put into English: a text of a megabyte of the same words is no learner's.
const OFTEN: usize = 100;

/// Quotation marks differ between languages and between versions of a translation.
const QUOTES: &[char] = &['"', '\'', '`', '´', '‘', '’', '‚', '‛', '“', '”', '„', '«', '»', '‹', '›', '「', '」'];
const QUOTE: &str = "[\\s\u{a0}\u{202f}]?[\"'`´‘’‚‛“”„«»‹›「」][\\s\u{a0}\u{202f}]?";
/// Blanks, which in French are narrow or unbreakable before some signs; `\\s` knows only ASCII's.
const BLANK: &str = "[\\s\u{a0}\u{202f}\u{3000}]+";

/// A text with every foreign wording that it holds put into English; none where it holds none.
pub(super) fn english(text: &str) -> Option<String> {
    let ascii = text.is_ascii();
    let holds = |foreign: &str| (!ascii || pieces(foreign).all(str::is_ascii)) && may_hold(text, foreign);
    let mut found: Vec<(&str, &str)> = wordings().filter(|(_, foreign)| holds(foreign)).collect();
    // A wording may be a part of a longer one.
    found.sort_by_key(|(_, foreign)| Reverse(foreign.len()));
    let mut result = text.to_owned();
    for (english, foreign) in found {
        let pattern = Pattern::new(pattern(foreign));
        for _ in 0..OFTEN {
            let Some(captures) = pattern.captures(&result) else { break };
            let Some(all) = captures.get(0) else { break };
            let mut words = english.to_owned();
            for place in 1..=9 {
                let Some(value) = captures.name(&format!("v{place}")) else { continue };
                words = words.replace(&format!("{{{place}}}"), value.as_str());
            }
            // A wide colon has no blank after it.
            let rest = &result[all.end()..];
            let gap = if words.ends_with(':') && !rest.starts_with(char::is_whitespace) { " " } else { "" };
            result = format!("{}{words}{gap}{rest}", &result[..all.start()]);
            // A loan word may be both; it would be put in for ever.
            if pattern.is_match(&words) {
                break;
            }
        }
    }
    (result != text).then_some(result)
}

/// The wordings (after `= ` the English one, then one line for each other): pairs of an English and a foreign wording.
fn wordings() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut english = "";
    translations().lines().filter_map(move |line| {
        if let Some(words) = line.strip_prefix("= ") {
            english = words;
            return None;
        }
        (!line.is_empty() && !line.starts_with('#') && !english.is_empty()).then_some((english, line))
    })
}

/// Whether every piece of the wording between what differs stands in the text: quick, and seldom true.
fn may_hold(text: &str, foreign: &str) -> bool {
    pieces(foreign).all(|piece| text.contains(piece))
}

fn pieces(foreign: &str) -> impl Iterator<Item = &str> {
    let between = |c: char| c == '{' || c == '}' || c.is_whitespace() || QUOTES.contains(&c);
    foreign.split(between).filter(|piece| !piece.is_empty() && !piece.chars().all(|c| c.is_ascii_digit()))
}

/// The wording as a regular expression: blanks may be line ends, quotation marks any, the full stop at its end may be
/// there or not, and `{1}` is the group `v1`.
fn pattern(foreign: &str) -> String {
    let mut result = String::new();
    let mut rest = foreign;
    while let Some(first) = rest.chars().next() {
        let place = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        if let Some((number, after)) = place.filter(|(number, _)| number.parse::<u8>().is_ok()) {
            let greed = if after.is_empty() { "" } else { "?" };
            result += &format!("(?<v{number}>[^\\n]+{greed})");
            rest = after;
            continue;
        }
        match first {
            c if c.is_whitespace() => result += BLANK,
            c if QUOTES.contains(&c) => result += QUOTE,
            c if "\\.+*?()|[]{}^$".contains(c) => result.extend(['\\', c]),
            c => result.push(c),
        }
        rest = &rest[first.len_utf8()..];
    }
    result + "[.。]?"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{QUOTES, english, may_hold, pattern, wordings};
    use crate::model::Pattern;

    #[test]
    fn every_wording_is_known_where_it_stands() {
        assert!(wordings().count() > 1000, "the file of translations was not read");
        for (words, foreign) in wordings() {
            assert_eq!(Pattern::new(pattern(foreign)).check(), Ok(()), "{foreign}");
            let fill = |words: &str| (1..=9).fold(words.to_owned(), |all, n| all.replace(&format!("{{{n}}}"), "x1"));
            let text = fill(foreign);
            assert!(may_hold(&text, foreign) && Pattern::new(pattern(foreign)).is_match(&text), "not known: {foreign}");
            assert!(!words.is_empty() && fill(words) != text, "{foreign} is English already");
        }
    }

    #[test]
    fn places_are_the_same_on_both_sides() {
        let places = |text: &str| -> BTreeSet<char> {
            text.match_indices('{').filter_map(|(at, _)| text[at + 1..].chars().next()).collect()
        };
        for (words, foreign) in wordings() {
            let lost: Vec<char> = places(words).difference(&places(foreign)).copied().collect();
            assert!(lost.is_empty(), "{foreign} does not say {lost:?} of {words}");
        }
    }

    #[test]
    fn what_differs_is_kept_and_the_rest_stays() {
        let german = "E: Sperre /var/lib/dpkg/lock-frontend konnte nicht erlangt werden. Sie wird von Prozess 1234 (apt) gehalten.";
        let found = english(german).unwrap_or_default();
        assert!(
            found.contains("Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (apt)"),
            "{found}"
        );
        assert!(found.starts_with("E: "), "{found}");
        assert_eq!(english("Everything went well, 3 packages installed"), None);
    }

    #[test]
    fn any_quotation_mark_will_do() {
        for open in QUOTES {
            let text = format!("Authentifizierung fehlgeschlagen für {open}https://github.com/a/b.git/{open}");
            assert!(english(&text).is_some_and(|found| found.starts_with("Authentication failed for")), "{text}");
        }
    }
}
