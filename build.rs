//! Embeds `checks/*.toml`: one sorted slice of (file stem, content, SHA-256 of the content), so that a new tool is one
//! new file and no list. The content is put down as JSON, which every run of the program reads in a tenth of the time.

use std::{env, error::Error, fs, path::Path};

use sha2::{Digest as _, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=checks");
    println!("cargo::rerun-if-env-changed=DOCTOR_COMMIT");
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let mut names: Vec<String> = fs::read_dir(Path::new(&root).join("checks"))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    let mut rows = String::new();
    for name in &names {
        let file = Path::new(&root).join("checks").join(format!("{name}.toml"));
        let content: serde_json::Value =
            toml::from_str(&fs::read_to_string(&file)?).map_err(|error| format!("{}: {error}", file.display()))?;
        let content = content.to_string();
        let digest: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        rows += &format!("({name:?}, {content:?}, {digest:?}),\n");
    }
    let out = Path::new(&env::var("OUT_DIR")?).join("checks.rs");
    fs::write(out, format!("&[\n{rows}]"))?;
    println!("cargo::rustc-env=DOCTOR_TARGET={}", env::var("TARGET")?);
    Ok(())
}
