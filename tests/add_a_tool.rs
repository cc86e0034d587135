//! A new tool is one check file and one case file: the worked example of `checks/README.md`, followed to the letter.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/mod.rs"]
mod support;

use doctor::catalog::Catalog;

/// The fenced TOML blocks of the guide, in order.
fn blocks() -> Vec<String> {
    blocks_of("checks/README.md")
}

fn blocks_of(file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(support::folder(file)).unwrap();
    let parts = text.split("```toml\n").skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_worked_example_of_the_guide_works() {
    let blocks = blocks();
    let [tool, cases] = blocks.as_slice() else { panic!("the guide has two blocks of TOML, not {}", blocks.len()) };
    let catalog = Catalog::with_files(vec![("terraform".to_owned(), tool.clone())]).unwrap();
    let subject = catalog.find("terraform.installed").unwrap();
    let cases = support::cases::read_cases("terraform", cases);
    for case in &cases {
        case.run("terraform", &catalog).unwrap_or_else(|why| panic!("case `{}`: {why}", case.name));
    }
    let found = |id: &str| cases.iter().any(|case| case.finding == id);
    assert!(found("pass") && subject.check.diagnose.iter().all(|diagnosis| found(&diagnosis.id)));
    let told = doctor::why::explain(&catalog, "The plugin cache dir /x cannot be opened", &support::platform("macos"));
    assert_eq!(told[0].finding.diagnosis.as_deref(), Some("terraform.installed/plugin-cache-missing"));
}

/// CONTRIBUTING.md adds a tool in steps: its check, then a diagnosis of its own, then the cases.
#[test]
fn the_steps_of_contributing_work() {
    let blocks = blocks_of("CONTRIBUTING.md");
    let [check, diagnosis, cases] = blocks.as_slice() else { panic!("three blocks of TOML, not {}", blocks.len()) };
    Catalog::with_files(vec![("jq".to_owned(), check.clone())]).unwrap();
    let catalog = Catalog::with_files(vec![("jq".to_owned(), format!("{check}\n{diagnosis}"))]).unwrap();
    for case in support::cases::read_cases("jq", cases) {
        case.run("jq", &catalog).unwrap_or_else(|why| panic!("case `{}`: {why}", case.name));
    }
}
