//! The schema that editors find through `#:schema ./schema.json` is the format the program reads.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/mod.rs"]
mod support;

#[test]
fn the_check_schema_is_current() {
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(doctor::model::Tool)).unwrap();
    support::snapshot("checks/schema.json", &(schema + "\n"));
}

/// An independent reader of the schema agrees with ours about every built-in file.
#[test]
fn every_check_file_fits_the_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(support::folder("checks/schema.json")).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (stem, text) in
        support::toml_files("checks").into_iter().filter(|(stem, _)| stem != "calendar" && stem != "commands")
    {
        let value: toml::Value = toml::from_str(&text).unwrap();
        let value = serde_json::to_value(value).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "checks/{stem}.toml: {}", errors.join("\n"));
    }
}
