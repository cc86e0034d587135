//! Embeds `checks/*.toml`: one sorted slice of (file stem, text), so that a new tool is one new file and no list.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=checks");
    println!("cargo::rerun-if-env-changed=DOCTOR_COMMIT");
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let mut names: Vec<String> = fs::read_dir(Path::new(&root).join("checks"))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    let rows: String = names
        .iter()
        .map(|name| {
            let file = Path::new(&root).join("checks").join(format!("{name}.toml"));
            format!("({name:?}, include_str!({file:?})),\n")
        })
        .collect();
    let out = Path::new(&env::var("OUT_DIR")?).join("checks.rs");
    fs::write(out, format!("&[\n{rows}]"))?;
    println!("cargo::rustc-env=DOCTOR_TARGET={}", env::var("TARGET")?);
    Ok(())
}
