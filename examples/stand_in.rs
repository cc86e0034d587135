//! Plays a program in the tests of Windows, where no script can: a copy named `wsl.exe` reads `wsl.json` beside itself and
//! answers as that says of its arguments. `{"-l -v": {"stdout": [1, 2], "stderr": [], "code": -1}}` gives bytes and an
//! exit code; `{"up": {"tree": "127.0.0.1:1234"}}` starts two more of itself, one by the other, each of which connects to
//! that address and never ends.
#![allow(clippy::print_stderr)]

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs,
    io::{self, Write as _},
    net::TcpStream,
    process, thread,
    time::Duration,
};

use serde::Deserialize;

/// What one line of arguments is answered with.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Answer {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    code: i32,
    tree: Option<String>,
}

/// The argument by which one of a tree knows itself; then come the address and how many are still to be started.
const TREE: &str = "--one-of-a-tree";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [word, address, more] = &args[..]
        && word == TREE
    {
        return tree(address, more.parse()?);
    }
    let script = env::current_exe()?.with_extension("json");
    let mut answers: BTreeMap<String, Answer> = serde_json::from_str(&fs::read_to_string(script)?)?;
    let Some(answer) = answers.remove(&args.join(" ")) else {
        eprintln!("the stand-in was not told of `{}`", args.join(" "));
        process::exit(64);
    };
    io::stdout().write_all(&answer.stdout)?;
    io::stderr().write_all(&answer.stderr)?;
    match answer.tree {
        Some(address) => tree(&address, 2),
        None => process::exit(answer.code),
    }
}

/// Shows that it lives until something ends it.
fn tree(address: &str, more: u32) -> Result<(), Box<dyn Error>> {
    let _alive = TcpStream::connect(address)?;
    if more > 0 {
        process::Command::new(env::current_exe()?).args([TREE, address, &(more - 1).to_string()]).spawn()?;
    }
    loop {
        thread::sleep(Duration::from_secs(60));
    }
}
