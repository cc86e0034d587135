//! Who should report: a CSV file of the course, and which of its people a report belongs to.

use std::collections::HashMap;

/// One row of a roster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// What the course calls them by.
    pub id: String,
    /// Their name; may be empty.
    pub name: String,
    /// Their group; may be empty.
    pub group: String,
}

/// Who should report.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Everybody, in the file's order.
    pub people: Vec<Person>,
    /// Places in `people` by ids and names as [`fold`] makes them.
    by: HashMap<String, Vec<usize>>,
    /// Lines that name nobody, or somebody a second time; with their number.
    pub wrong: Vec<(usize, String)>,
}

/// The first row names the columns where one of its cells is such a name.
const IDS: &[&str] = &[
    "id",
    "label",
    "student",
    "student id",
    "learner",
    "user",
    "username",
    "login",
    "sis user id",
    "matrikelnummer",
    "pseudonym",
];
const NAMES: &[&str] = &["name", "full name", "student name", "display name"];
const GROUPS: &[&str] = &["group", "section", "team", "cohort", "class", "course", "track"];

/// The most people of a roster.
const MOST: usize = 1_000_000;

impl Roster {
    /// Reads a CSV (RFC 4180; separated by comma, semicolon or tab). Without a row of column names the columns are id,
    /// name, group.
    ///
    /// # Errors
    /// Why nobody can be read from it.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
        let rows = rows(text)?;
        let Some((_, first)) = rows.first() else { return Err("it is empty".to_owned()) };
        let heads: Vec<String> = first.iter().map(|cell| fold(cell)).collect();
        let column = |names: &[&str]| names.iter().find_map(|name| heads.iter().position(|head| head == name));
        let (id, name) = (column(IDS), column(NAMES));
        let headed = id.is_some() || name.is_some();
        let (id, name, group) = match headed {
            true => (id.or(name), name, column(GROUPS)),
            false => (Some(0), Some(1), Some(2)),
        };
        let mut roster = Self::default();
        for (line, row) in rows.iter().skip(usize::from(headed)) {
            let cell = |at: Option<usize>| {
                at.and_then(|at| row.get(at)).map(|cell| cell.trim().to_owned()).unwrap_or_default()
            };
            let person = Person { id: cell(id), name: cell(name), group: cell(group) };
            if person.id.is_empty() {
                roster.wrong.push((*line, "it names nobody".to_owned()));
                continue;
            }
            let key = fold(&person.id);
            if roster.by.get(&key).is_some_and(|known| known.iter().any(|at| fold(&roster.people[*at].id) == key)) {
                roster.wrong.push((*line, format!("`{}` stands in it twice", person.id)));
                continue;
            }
            if roster.people.len() >= MOST {
                return Err(format!("it has more than {MOST} lines"));
            }
            let place = roster.people.len();
            roster.by.entry(key).or_default().push(place);
            let folded = fold(&person.name);
            if !folded.is_empty() && folded != fold(&person.id) {
                roster.by.entry(folded).or_default().push(place);
            }
            roster.people.push(person);
        }
        if roster.people.is_empty() { Err("it names nobody".to_owned()) } else { Ok(roster) }
    }

    /// The one person whom a word means: an id or a name that only one person has.
    pub fn called(&self, word: &str) -> Option<usize> {
        match self.by.get(&fold(word)).map(Vec::as_slice) {
            Some([one]) => Some(*one),
            _ => None,
        }
    }

    /// The one person whom the name of a file means, as `sub/Ada Lovelace_123_file/report.json` or
    /// `lovelaceada_4711_report.json` do: a part of the path is their id or name, or one word of a part is their id.
    pub fn in_path(&self, path: &str) -> Option<usize> {
        let parts = || path.rsplit(['/', '\\']).map(|part| part.trim_end_matches(".gz").trim_end_matches(".json"));
        if let Some(one) = parts().find_map(|part| self.called(part)) {
            return Some(one);
        }
        let mut found = None;
        for part in parts() {
            // Words of a file's name, and of two and three neighbours for names.
            let words: Vec<&str> = part.split(|c: char| "_-.() ".contains(c)).filter(|word| !word.is_empty()).collect();
            for len in 1..=3 {
                for few in words.windows(len) {
                    if let Some(one) = self.called(&few.join(" ")).filter(|_| few.concat().len() > 1) {
                        match found {
                            None => found = Some(one),
                            Some(other) if other == one => {}
                            // Two people in one path: nobody is guessed.
                            Some(_) => return None,
                        }
                    }
                }
            }
            if found.is_some() {
                return found;
            }
        }
        found
    }
}

/// A name for comparing: lower case, spaces single, `_` a space.
pub fn fold(name: &str) -> String {
    if name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')) {
        return name.to_owned();
    }
    let plain = name.replace('_', " ").to_lowercase();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rows of a CSV that are not empty, with the line where each begins.
fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
    let first = text.lines().next().unwrap_or_default();
    let count = |c: char| first.matches(c).count();
    let separator = [',', ';', '\t'].into_iter().max_by_key(|c| (count(*c), *c == ',')).unwrap_or(',');
    let mut rows = Vec::new();
    let (mut row, mut cell, mut line, mut began) = (Vec::new(), String::new(), 1, 1);
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    let mut end_row = |row: &mut Vec<String>, cell: &mut String, began: usize| {
        row.push(std::mem::take(cell));
        let row = std::mem::take(row);
        if row.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push((began, row));
        }
    };
    while let Some(c) = chars.next() {
        line += usize::from(c == '\n');
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            _ if quoted => cell.push(c),
            '\n' => {
                end_row(&mut row, &mut cell, began);
                began = line;
            }
            '\r' => {}
            c if c == separator => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    if quoted {
        return Err(format!("the quotes that begin after line {began} never end"));
    }
    end_row(&mut row, &mut cell, began);
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rosters_of_several_makers_are_read() {
        for text in [
            "id,name,group\nada,Ada Lovelace,A\nbob,\"Babbage, Bob\",B\n",
            "\u{feff}Name;ID;Section\r\nAda Lovelace;ada;A\r\n\r\n\"Babbage, Bob\";bob;B\r\n",
            "ada\tAda Lovelace\tA\nbob\t\"Babbage, Bob\"\tB",
        ] {
            let roster = Roster::read(text).unwrap();
            let people: Vec<_> =
                roster.people.iter().map(|one| (one.id.as_str(), one.name.as_str(), one.group.as_str())).collect();
            assert_eq!(people, [("ada", "Ada Lovelace", "A"), ("bob", "Babbage, Bob", "B")], "{text}");
        }
        assert_eq!(Roster::read("ada\nbob\n").unwrap().people.len(), 2);
        assert!(Roster::read("").is_err() && Roster::read("id,name\n").is_err() && Roster::read("id\n\"ada").is_err());
        let odd = Roster::read("id,name\nada,A\n,B\nADA,C\n").unwrap();
        assert_eq!((odd.people.len(), odd.wrong.len(), odd.wrong[1].0), (1, 2, 4));
    }

    #[test]
    fn files_of_learning_platforms_name_their_people() {
        let roster = Roster::read("id,name\nada,Ada Lovelace\nbob,Bob Babbage\n4711,Grace Hopper\n").unwrap();
        for (path, who) in [
            ("reports/ada.json", Some(0)),
            ("sub.zip/Ada Lovelace_123456_assignsubmission_file_/report.json", Some(0)),
            ("sub.zip/hoppergrace_4711_99_report.json", Some(2)),
            ("bob/report (1).json", Some(1)),
            ("BOB/x.json", Some(1)),
            ("ada-bob.json", None),
            ("adage/report.json", None),
            ("report.json", None),
        ] {
            assert_eq!(roster.in_path(path), who, "{path}");
        }
    }
}
