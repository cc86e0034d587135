//! What is wrong with an author's own check file is said with its line and column, and what to write instead.
#![allow(clippy::unwrap_used)]

use doctor::catalog::Catalog;

const WELL: &str = r#"tool = "Thing"
step = 5
section = "1"

[[check]]
id = "cli"
title = "Thing is installed"
why = "The labs use it."
level = "required"
requires = ["git.installed"]
probe.command.run = ["thing", "--version"]
expect.output = "thing [0-9]"
pass = "thing is there"
fix.any.do = "Install thing"
"#;

#[test]
fn a_mistake_is_named_with_its_place() {
    let read = |text: &str| Catalog::with_files(vec![("thing".to_owned(), text.to_owned())]).map(|_| ());
    read(WELL).unwrap();
    for (good, bad, said) in [
        (
            "git.installed",
            "git.instaled",
            "thing.toml:10:13: `thing.cli` leans on `git.instaled`, which does not exist; did you mean `git.installed`?",
        ),
        ("git.installed", "thing.cli", "thing.toml:6:6: `thing.cli` requires itself in a circle"),
        ("\"required\"", "\"requird\"", "thing.toml:9:9: unknown variant `requird`"),
        ("why =", "whi =", "thing.toml:8:1: unknown field `whi`"),
        ("thing [0-9]", "thing [0-9", "thing.toml:12:17: not a regular expression"),
        ("fix.any", "fix.debain", "thing.toml:14:5: `debain` is not a platform word: use one of "),
        ("expect.output = \"thing [0-9]\"\n", "", "thing.toml:6:6: check `cli` expects nothing and diagnoses nothing"),
        ("\"cli\"", "\"C L I\"", "thing.toml:6:6: `C L I` is not an id"),
        ("step = 5", "step = ", "thing.toml:2:8: "),
        (
            "probe.command.run = [\"thing\", \"--version\"]",
            "probe.native.name = \"thingy\"",
            "thing.toml:11:21: there is no native probe `thingy`",
        ),
    ] {
        let error = read(&WELL.replace(good, bad)).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}\nand not\n{said}");
    }
}
