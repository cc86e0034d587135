//! Embeds `checks/*.toml`: one sorted slice of (file stem, length, SHA-256) and one compressed text, so that a new tool is
//! one new file and no list. The content is put down as JSON, which every run of the program reads in a tenth of the
//! time, and compressed to a quarter, because it would be a seventh of the program.

use std::{env, error::Error, fs, io::Write as _, path::Path};

use flate2::{Compression, write::DeflateEncoder};
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
    let (mut rows, mut all, mut taken) = (String::new(), String::new(), String::new());
    for name in &names {
        let file = Path::new(&root).join("checks").join(format!("{name}.toml"));
        let content: serde_json::Value =
            toml::from_str(&fs::read_to_string(&file)?).map_err(|error| format!("{}: {error}", file.display()))?;
        let json = content.to_string();
        let digest: String = Sha256::digest(&json).iter().map(|byte| format!("{byte:02x}")).collect();
        rows += &format!("({name:?}, {}, {digest:?}),\n", json.len());
        all += &json;
        if let Some(day) = content.get("taken") {
            taken = day.as_str().unwrap_or_default().to_owned();
        }
    }
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("checks.rs"), format!("&[\n{rows}]"))?;
    pack(&out, "checks", &all)?;
    pack(&out, "translations", &fs::read_to_string(Path::new(&root).join("checks/translations.txt"))?)?;
    println!("cargo::rustc-env=DOCTOR_KNOWLEDGE={taken}");
    println!("cargo::rustc-env=DOCTOR_TARGET={}", env::var("TARGET")?);
    Ok(())
}

fn pack(out: &str, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(text.as_bytes())?;
    fs::write(Path::new(out).join(format!("{name}.deflate")), packed.finish()?)?;
    Ok(())
}
