//! What the README states and other files know too.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{fs, path::Path};

fn text(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn the_readme_asks_for_the_rust_that_cargo_asks_for() {
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    let wanted = manifest["package"]["rust-version"].as_str().unwrap();
    assert!(text("README.md").contains(&format!("With Rust {wanted} or newer")));
}

#[test]
fn every_option_in_the_readme_is_one() {
    let help =
        ["help", "help-cohort", "help-fix"].map(|name| text(&format!("tests/cli/snapshots/{name}.txt"))).concat();
    let readme = text("README.md");
    let words = readme.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let options = words.filter(|word| word.starts_with("--") && !word.starts_with("---"));
    let cargos = ["--release", "--path", "--bench"];
    let unknown: Vec<&str> = options.filter(|word| !cargos.contains(word) && !help.contains(word)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// The profile that the documentation shows is one.
#[test]
fn the_documented_profile_is_in_order() {
    let docs = text("docs/ci.md");
    let (_, rest) = docs.split_once("```toml\n").unwrap();
    let profile = doctor::profile::Profile::read("docs/ci.md", rest.split_once("```").unwrap().0).unwrap();
    let mut catalog = doctor::catalog::Catalog::embedded().unwrap();
    profile.apply(&mut catalog).unwrap();
    let asked = catalog.find("node.cli").unwrap().check.expect.version.clone().unwrap();
    assert_eq!(asked.to_string(), ">=22, <25");
}

/// Every built-in profile names only what there is.
#[test]
fn built_in_profiles_are_in_order() {
    for (name, text) in doctor::profile::BUILT_IN {
        let mut catalog = doctor::catalog::Catalog::embedded().unwrap();
        doctor::profile::Profile::read("", text).unwrap().apply(&mut catalog).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(doctor::profile::built_in(name).unwrap().name, *name);
    }
}
