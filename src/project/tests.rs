use super::*;

fn wants(name: &'static str, text: &str) -> Vec<(String, usize, String)> {
    let project = Project::read(&[(name.to_owned(), name, text.to_owned())]);
    assert_eq!(project.wrong, Vec::<String>::new());
    let told = |want: &Want| (want.tool.clone(), want.asked.line, want.asked.version.clone());
    project.wants.iter().map(told).collect()
}

fn told(list: &[(&str, usize, &str)]) -> Vec<(String, usize, String)> {
    list.iter().map(|(tool, line, version)| ((*tool).to_owned(), *line, (*version).to_owned())).collect()
}

#[test]
fn every_kind_of_file_is_read_with_its_lines() {
    let package = r#"{
  "description": "\"volta\": {\"node\": 3}",
  "engines": { "node": ">=20",
               "pnpm": "^9 || ^10" },
  "packageManager": "pnpm@9.1.0+sha512.abc",
  "devEngines": { "runtime": [
    { "name": "node", "version": "^22" } ] },
  "volta": {
    "node": "20.11.1"
  }
}"#;
    assert_eq!(
        wants("package.json", package),
        told(&[
            ("node", 9, "20.11.1"),
            ("node", 3, ">=20"),
            ("pnpm", 4, "^9 || ^10"),
            ("node", 7, "^22"),
            ("pnpm", 5, "9.1.0")
        ])
    );
    assert_eq!(wants(".nvmrc", "\u{feff}\n# ours\nv20 # iron\n"), told(&[("node", 3, "v20")]));
    assert_eq!(wants(".node-version", "22.1.0\r\n"), told(&[("node", 1, "22.1.0")]));
    assert_eq!(
        wants(".tool-versions", "# x\nnodejs 20.1.0 18.2.0\npython 3.12 # y\n"),
        told(&[("nodejs", 2, "20.1.0, 18.2.0"), ("python", 3, "3.12")])
    );
    assert_eq!(
        wants(
            "mise.toml",
            "[env]\nA = 1\n[tools]\nnode = ['22', '20']\npython = { version = 'latest' }\ngo = 'prefix:1.22'\n"
        ),
        told(&[("go", 6, "prefix:1.22"), ("node", 4, "22, 20"), ("python", 5, "latest")])
    );
    assert_eq!(wants(".python-version", "3.12.1\n3.11\n"), told(&[("python", 1, "3.12.1, 3.11")]));
    assert_eq!(
        wants("pyproject.toml", "[project]\nname = 'x'\nrequires-python = '>=3.11'\n[tool.x]\ny = 1\n"),
        told(&[("python", 3, ">=3.11")])
    );
    assert_eq!(
        wants("go.mod", "module x\n\ngo 1.22 // least\ntoolchain go1.23.1\nrequire a v1\n"),
        told(&[("go", 3, "1.22"), ("go", 4, "go1.23.1")])
    );
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    let files = [
        ("package.json", "{\n  \"engines\": {\n", "package.json:3:"),
        ("mise.toml", "[tools]\nnode = \n", "mise.toml:2:"),
        ("pyproject.toml", "[project]\nrequires-python = 3\n", "pyproject.toml:2:19:"),
    ];
    for (name, text, place) in files {
        let project = Project::read(&[(name.to_owned(), name, text.to_owned())]);
        assert!(project.wrong[0].starts_with(place), "{:?}", project.wrong);
    }
}

#[test]
fn words_that_are_no_version_ask_for_none() {
    for text in ["lts/*", "node", "system", "latest", "lts", "path:/x", "ref:main"] {
        let project = Project::read(&[(".nvmrc".to_owned(), ".nvmrc", text.to_owned())]);
        assert_eq!(project.wants[0].requirement, None, "{text}");
    }
}

#[test]
fn lines_that_contradict_each_other_are_told_once_per_tool() {
    let texts = [
        (
            "package.json",
            r#"{ "engines": { "node": ">=20.10" }, "devEngines": { "runtime": { "name": "node", "version": "<20.5" } } }"#,
        ),
        (".nvmrc", "20"),
        (".node-version", "18"),
        (".tool-versions", "nodejs 19"),
    ];
    let texts: Vec<_> = texts.iter().map(|(name, text)| ((*name).to_owned(), *name, (*text).to_owned())).collect();
    let mut project = Project::read(&texts);
    project.apply(&mut Catalog::embedded().unwrap());
    let (words, anchor) = project.contradictions();
    assert_eq!(
        words,
        [
            ".node-version:1 asks for node 18, .tool-versions:1 for 19, .nvmrc:1 for 20; .nvmrc is used",
            "package.json:1 asks for node >=20.10, package.json:1 for <20.5; package.json is used",
        ]
    );
    assert_eq!(anchor.unwrap().file, ".node-version");
}
