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

mod hostile;
mod kinds;
mod people;

use std::{
    collections::HashMap,
    env, fs,
    io::{BufWriter, Write},
    path::PathBuf,
};

use doctor::catalog::Catalog;
use hostile::hostile;
use kinds::kinds;
use people::{Parts, Person, person, report};

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
