//! Reports as learning platforms, mail programs and shells hand them out.

use std::{fs, io::Write as _, path::Path};

use doctor::host::collect::{Input, WHOLE};
use flate2::{Compression, write::GzEncoder};
use tempfile::TempDir;

use super::class::{Report, read, rejected, report, verdicts, wanted};

fn folder(files: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn cohort(path: &Path) -> doctor::cohort::Cohort {
    read(&[Input::Path(path.to_owned())], 2, wanted())
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A zip archive; written by hand, so that it can lie. Method 0 is as it is, 8 deflated; flag 1 is locked.
fn zip(entries: &[(&str, &[u8], u16, u16)]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, bytes, method, flags) in entries {
        let packed = match method {
            8 => {
                let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            _ => bytes.to_vec(),
        };
        let at = out.len() as u32;
        let fields = |out: &mut Vec<u8>| {
            out.extend([20, 0]);
            out.extend(flags.to_le_bytes());
            out.extend(method.to_le_bytes());
            out.extend([0; 8]);
            out.extend((packed.len() as u32).to_le_bytes());
            out.extend((bytes.len() as u32).to_le_bytes());
            out.extend((name.len() as u16).to_le_bytes());
            out.extend([0, 0]);
        };
        out.extend(b"PK\x03\x04");
        fields(&mut out);
        out.extend(name.as_bytes());
        out.extend(&packed);
        list.extend(b"PK\x01\x02\x14\x00");
        fields(&mut list);
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let (start, number) = (out.len() as u32, entries.len() as u16);
    out.extend(&list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(number.to_le_bytes());
    out.extend(number.to_le_bytes());
    out.extend((list.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn utf16(text: &str, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

fn text(label: &str) -> Vec<u8> {
    report(label).text().into_bytes()
}

#[test]
fn every_way_of_handing_in_is_read() {
    let pretty = serde_json::to_string_pretty(&report("pretty").0).unwrap();
    let inner = zip(&[("x/deep.json", &text("deep"), 8, 0), ("y.json.gz", &gz(&text("deeper")), 0, 0)]);
    let archive = zip(&[
        ("Ada_1_file/report.json", &text("zipped"), 8, 0),
        ("../../../../etc/evil.json", &text("outside"), 0, 0),
        ("folder/", b"", 0, 0),
        ("__MACOSX/._report.json", b"\0\x05\x16\x07", 0, 0),
        ("inner.zip", &inner, 0, 0),
    ]);
    let folder = folder(&[
        ("plain.json", text("plain")),
        ("a/b/c/nested.json", text("nested")),
        ("pretty.txt", format!("Hello, here it is:\r\n\r\n{pretty}\r\nPS C:\\Users\\x> ").into_bytes()),
        ("two.json", [text("first"), b"\n".to_vec(), text("second")].concat()),
        ("many.ndjson", [text("line1"), b"\n".to_vec(), text("line2"), b"\n\n".to_vec()].concat()),
        ("list.json", [b"[".to_vec(), text("listed1"), b",\n".to_vec(), text("listed2"), b"]".to_vec()].concat()),
        ("bom.json", ["\u{feff}".as_bytes().to_vec(), text("bom")].concat()),
        ("wide.json", utf16(&report("wide\u{e9}").text(), true)),
        ("wide-no-mark.json", utf16(&report("markless").text(), false)),
        ("wide-high.json", utf16(&report("high").text(), true).chunks(2).flat_map(|two| [two[1], two[0]]).collect()),
        ("old.json", report("caf\u{e9}").text().chars().map(|c| c as u8).collect()),
        ("one.json.gz", gz(&text("gz"))),
        ("two.gz", [gz(&text("member1")), gz(b"\n"), gz(&text("member2"))].concat()),
        ("all.zip", archive),
        (".DS_Store", b"\0\0\0\x01Bud1".to_vec()),
        ("Thumbs.db", b"\xd0\xcf\x11\xe0".to_vec()),
    ]);
    let cohort = cohort(folder.path());
    assert_eq!(rejected(&cohort), Vec::<String>::new());
    let names: Vec<&str> = verdicts(&cohort).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "bom",
            "caf\u{e9}",
            "deep",
            "deeper",
            "first",
            "gz",
            "high",
            "line1",
            "line2",
            "listed1",
            "listed2",
            "markless",
            "member1",
            "member2",
            "nested",
            "outside",
            "plain",
            "pretty",
            "second",
            "wide\u{e9}",
            "zipped"
        ]
    );
    let outside = cohort.learners.iter().find(|one| one.id == "outside").unwrap();
    assert!(
        outside.machines[0].source.ends_with("all.zip/../../../../etc/evil.json"),
        "a name inside an archive is only shown"
    );
}

#[test]
fn one_bad_file_among_a_hundred_is_named() {
    let files: Vec<(String, Vec<u8>)> = (0..99).map(|at| (format!("{at}.json"), text(&format!("l{at}")))).collect();
    let mut named: Vec<(&str, Vec<u8>)> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    named.push(("bad.json", b"{\"schema\": 1, \"findings\": [".to_vec()));
    let folder = folder(&named);
    let cohort = cohort(folder.path());
    assert_eq!((cohort.summary.learners, cohort.summary.rejected), (99, 1));
    assert_eq!(rejected(&cohort), ["bad.json: it ends too early"]);
}

#[test]
fn what_is_no_report_is_named_with_its_reason() {
    let half = &text("half")[..200];
    let broken = &gz(&text("broken"))[..60];
    let mut bomb = Vec::new();
    let zeros = vec![b' '; 1 << 20];
    let mut encoder = GzEncoder::new(&mut bomb, Compression::best());
    for _ in 0..300 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap();
    let folder = folder(&[
        ("empty.json", Vec::new()),
        ("essay.txt", b"I was ill".to_vec()),
        ("half.json", half.to_vec()),
        ("homework.json", b"{\"a\": 1}".to_vec()),
        ("letter.docx", zip(&[("[Content_Types].xml", b"<x/>", 0, 0)])),
        ("newer.json", report("x").with("/schema", 999).text().into_bytes()),
        ("nothing.zip", zip(&[])),
        ("picture.png", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("rar.json", b"Rar!\x1a".to_vec()),
        ("cut.gz", broken.to_vec()),
        ("cut.zip", b"PK\x03\x04 and nothing more".to_vec()),
        ("locked.zip", zip(&[("a.json", b"x", 8, 1), ("b.json", b"x", 14, 0)])),
        ("bomb.gz", bomb),
    ]);
    let cohort = cohort(folder.path());
    let mut told = rejected(&cohort);
    told.sort();
    let expected = [
        ("a.json", "a password is needed"),
        ("b.json", "method 14"),
        ("bomb.gz", "far more comes out of it than goes in"),
        ("cut.gz", "cannot be read to its end"),
        ("cut.zip", "the zip archive is damaged"),
        ("empty.json", "it is empty"),
        ("essay.txt", "there is no report in it"),
        ("half.json", "it ends"),
        ("homework.json", "it has no `schema`"),
        ("letter.docx", "it is an Office document"),
        ("newer.json", "written by a newer doctor (schema 999)"),
        ("nothing.zip", "the zip archive is empty"),
        ("picture.png", "it is a picture (PNG)"),
        ("rar.json", "it is a RAR archive"),
    ];
    for (name, reason) in expected {
        assert!(
            told.iter().any(|one| one.starts_with(&format!("{name}: ")) && one.contains(reason)),
            "{name}: {told:#?}"
        );
    }
    let others = told.iter().filter(|one| !expected.iter().any(|(name, _)| one.starts_with(&format!("{name}: "))));
    assert_eq!(others.count(), 0, "{told:#?}");
    assert_eq!(cohort.summary.learners, 0);
}

#[test]
fn patterns_and_several_names_mean_each_file_once() {
    let folder = folder(&[("a/1.json", text("one")), ("b/2.json", text("two")), ("b/3.txt", text("three"))]);
    let at = |name: &str| Input::Path(folder.path().join(name));
    let names = |inputs: &[Input]| {
        let cohort = read(inputs, 1, wanted());
        (
            verdicts(&cohort).into_iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>().join(","),
            cohort.summary.rejected,
        )
    };
    assert_eq!(names(&[at("*/*.json")]), ("one,two".into(), 0));
    assert_eq!(names(&[at("**/*.json"), at("a")]), ("one,two".into(), 0));
    assert_eq!(names(&[at("b"), at("b/2.json")]), ("three,two".into(), 0));
    assert_eq!(names(&[at("*.json"), at("gone"), at("a")]), ("one".into(), 2));
}

/// A file longer than what is held at once, with a few lines that are no reports.
fn long(copies: usize) -> (Vec<u8>, usize, usize) {
    let mut bytes = Vec::new();
    let (mut good, mut bad) = (0, 0);
    let filler = "x".repeat(3000);
    for at in 0..copies {
        if at % 97 == 5 {
            bytes.extend(b"{\"schema\":1,\"findings\":[}\n\n");
            bad += 1;
        }
        let mut one = report(&format!("learner-{at}")).with("/platform/name", filler.as_str());
        if at % 3 == 0 {
            one = one.fails("git.identity", "missing");
        }
        bytes.extend(one.text().bytes());
        bytes.push(b'\n');
        good += 1;
    }
    bytes.pop();
    (bytes, good, bad)
}

#[test]
fn long_files_are_read_in_parts_and_nothing_is_lost_between() {
    let (bytes, good, bad) = long(2800);
    assert!(bytes.len() > WHOLE);
    let wide: Vec<u8> = utf16(std::str::from_utf8(&bytes).unwrap(), true);
    let folder = folder(&[("long.ndjson", bytes.clone()), ("long.gz", gz(&bytes)), ("wide.ndjson", wide)]);
    let json = |cohort: &doctor::cohort::Cohort| {
        let text = super::class::view(cohort, doctor::render::cohort::Format::Json);
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        // Where something stands differs between a file and its archive.
        value["rejected"] = serde_json::Value::Null;
        value.to_string().replace("long.gz", "long.ndjson").replace("wide.ndjson", "long.ndjson")
    };
    let mut first = None;
    for (name, workers) in [("long.ndjson", 1), ("long.ndjson", 5), ("long.gz", 3), ("wide.ndjson", 2)] {
        let cohort = read(&[Input::Path(folder.path().join(name))], workers, wanted());
        assert_eq!((cohort.summary.learners, cohort.summary.rejected), (good, bad), "{name} {workers}");
        let json = json(&cohort);
        assert_eq!(first.get_or_insert_with(|| json.clone()), &json, "{name} {workers}");
    }
}

#[test]
fn a_line_too_long_is_named_and_the_rest_is_read() {
    let mut bytes = [text("before"), b"\n".to_vec()].concat();
    bytes.extend(format!("{{\"schema\":1,\"x\":\"{}\"}}\n", "y".repeat(WHOLE * 2 + 12345)).bytes());
    bytes.extend([text("after"), b"\n".to_vec()].concat());
    let folder = folder(&[("long.ndjson", bytes.clone()), ("long.gz", gz(&bytes))]);
    for name in ["long.ndjson", "long.gz"] {
        let cohort = read(&[Input::Path(folder.path().join(name))], 2, wanted());
        assert_eq!(verdicts(&cohort), [("after", "ready"), ("before", "ready")], "{name}");
        let told = rejected(&cohort);
        assert!(told.len() == 1 && told[0].contains("longer than any report"), "{name}: {told:?}");
    }
}

#[test]
fn pretty_reports_one_after_the_other_are_a_stream_too() {
    let mut bytes = Vec::new();
    for at in 0..3000 {
        let one = report(&format!("l{at}")).with("/platform/name", "x".repeat(2000));
        bytes.extend(serde_json::to_vec_pretty(&one.0).unwrap());
        bytes.push(b'\n');
    }
    assert!(bytes.len() > WHOLE);
    let folder = folder(&[("all.json", bytes)]);
    let cohort = cohort(folder.path());
    assert_eq!((cohort.summary.learners, cohort.summary.rejected), (3000, 0));
}

#[cfg(unix)]
#[test]
fn nothing_in_a_folder_makes_anybody_wait_or_leads_out_of_it() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = folder(&[("good.json", text("good")), ("locked.json", text("locked"))]);
    let at = |name: &str| folder.path().join(name);
    let fifo = std::process::Command::new("mkfifo").arg(at("pipe.json")).status();
    symlink("/dev/zero", at("zero.json")).unwrap();
    symlink("/dev/tty", at("tty.json")).unwrap();
    symlink(folder.path(), at("loop")).unwrap();
    symlink("/nowhere", at("gone.json")).unwrap();
    symlink(at("good.json"), at("link.json")).unwrap();
    fs::set_permissions(at("locked.json"), fs::Permissions::from_mode(0o0)).unwrap();
    let odd: std::path::PathBuf =
        folder.path().join(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"caf\xe9.json"));
    fs::write(odd, text("odd name")).unwrap();
    let cohort = cohort(folder.path());
    let told = rejected(&cohort).join("\n");
    for (name, reason) in
        [("zero.json", "device or a pipe"), ("loop", "links to folders"), ("gone.json", "no such file")]
    {
        assert!(told.lines().any(|line| line.starts_with(name) && line.contains(reason)), "{name}: {told}");
    }
    if fifo.is_ok_and(|status| status.success()) {
        assert!(told.contains("pipe.json: it is a device or a pipe"), "{told}");
    }
    assert!(verdicts(&cohort).iter().any(|(name, _)| *name == "odd name"));
    // Root may read everything.
    assert!(told.contains("locked.json: it may not be read") || cohort.learners.iter().any(|one| one.id == "locked"));
}

#[test]
fn a_report_can_be_part_of_anything_but_is_read_once() {
    let one: Report = report("ada");
    let folder = folder(&[("a.json", one.text().into_bytes()), ("b.json", one.text().into_bytes())]);
    let cohort = cohort(folder.path());
    assert_eq!((cohort.summary.reports, cohort.summary.counted, cohort.summary.earlier), (2, 1, 1));
}
