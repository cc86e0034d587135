//! Embeds `checks/*.toml`, so that a new tool is one new file and no list: one sorted slice of (file stem, length,
//! SHA-256) and compressed books (`src/embedded.rs`). The content is put down as JSON, which the program reads in a tenth
//! of the time. What to do and the texts that `doctor why` knows stand in books of their own, one JSON value a line, and
//! in their place the number of the byte where that line begins (`src/model/later.rs`): a run reads only what it needs.

use std::{env, error::Error, fs, io::Write as _, path::Path};

use flate2::{Compression, write::DeflateEncoder};
use serde_json::Value;
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
    let mut books = Books::default();
    for name in &names {
        let file = Path::new(&root).join("checks").join(format!("{name}.toml"));
        let mut content: Value =
            toml::from_str(&fs::read_to_string(&file)?).map_err(|error| format!("{}: {error}", file.display()))?;
        let digest = Sha256::digest(content.to_string()).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        books.take_from(&mut content);
        let json = content.to_string();
        rows += &format!("({name:?}, {}, {digest:?}),\n", json.len());
        all += &json;
        if let Some(day) = content.get("taken") {
            taken = day.as_str().unwrap_or_default().to_owned();
        }
    }
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("checks.rs"), format!("&[\n{rows}]"))?;
    pack(&out, "checks", &all)?;
    pack(&out, "fixes", &books.fixes)?;
    pack(&out, "texts", &books.texts)?;
    pack(&out, "translations", &fs::read_to_string(Path::new(&root).join("checks/translations.txt"))?)?;
    println!("cargo::rustc-env=DOCTOR_KNOWLEDGE={taken}");
    println!("cargo::rustc-env=DOCTOR_TARGET={}", env::var("TARGET")?);
    Ok(())
}

/// What is read only when it is asked for.
#[derive(Default)]
struct Books {
    fixes: String,
    texts: String,
}

impl Books {
    /// Moves what the books hold out of a check file.
    fn take_from(&mut self, file: &mut Value) {
        let Some(checks) = file.get_mut("check").and_then(Value::as_array_mut) else { return };
        for check in checks {
            Self::move_to(&mut self.fixes, check, &["fix", "remedy"]);
            for diagnosis in check.get_mut("diagnose").and_then(Value::as_array_mut).into_iter().flatten() {
                Self::move_to(&mut self.fixes, diagnosis, &["say", "fix", "see"]);
                Self::move_to(&mut self.texts, diagnosis, &["known-by"]);
            }
        }
    }

    fn move_to(book: &mut String, from: &mut Value, keys: &[&str]) {
        for key in keys {
            if let Some(value) = from.get_mut(*key) {
                let place = book.len() as f64;
                *book += &format!("{value}\n");
                *value = Value::from(place);
            }
        }
    }
}

fn pack(out: &str, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(text.as_bytes())?;
    fs::write(Path::new(out).join(format!("{name}.deflate")), packed.finish()?)?;
    Ok(())
}
