//! Who and what is masked, and above all what is not.

use super::*;

fn ada() -> Mask {
    Mask::new(Some("/home/ada")).user("ada").host("adas-laptop.local")
}

fn all(mask: &Mask, pairs: &[(&str, &str)]) {
    for (text, want) in pairs {
        assert_eq!(mask.text(text), *want, "{text}");
        assert_eq!(mask.text(want), *want, "masked again: {want}");
    }
}

#[test]
fn home_is_masked_by_whole_segments() {
    all(
        &ada(),
        &[
            ("/home/ada", "~"),
            ("/home/ada/.ssh/id_ed25519", "~/.ssh/id_ed25519"),
            ("PATH=/home/ada/bin:/usr/bin:/home/ada/.local/bin", "PATH=~/bin:/usr/bin:~/.local/bin"),
            ("file:///home/ada/x", "file://~/x"),
            ("in '/home/ada'.", "in '~'."),
            ("/home/adam/x", "/home/<user>/x"),
            ("/home/ada.old/x", "/home/<user>/x"),
            ("/srv/home/ada/x", "/srv/home/<user>/x"),
            ("-I/home/ada/include", "-I/home/<user>/include"),
            ("/mnt/c/Users/Ada/AppData", "/mnt/c/Users/<user>/AppData"),
            (r"C:\Users\Ada Lovelace\AppData", r"C:\Users\<user>\AppData"),
            (r"C:\\Users\\ada\\x", r"C:\\Users\\<user>\\x"),
            ("/Users/bob/Library", "/Users/<user>/Library"),
            ("/usr/home/bob/x", "/usr/home/<user>/x"),
            ("/home/linuxbrew/.linuxbrew/bin/brew", "/home/linuxbrew/.linuxbrew/bin/brew"),
            ("/opt/java/home/bin/java", "/opt/java/home/bin/java"),
            (r"C:\Users\Public\x", r"C:\Users\Public\x"),
            ("/home/$USER/x", "/home/$USER/x"),
            ("https://www.docker.com/home/pricing", "https://www.docker.com/home/pricing"),
            ("https://api.github.com/users/octocat", "https://api.github.com/users/octocat"),
            ("/home", "/home"),
            ("", ""),
        ],
    );
    let windows = Mask::new(Some(r"C:\Users\Ada Lovelace"));
    all(
        &windows,
        &[
            (r"c:\users\ada lovelace\.ssh\config", r"~\.ssh\config"),
            (r"C:/Users/Ada Lovelace/.ssh", "~/.ssh"),
            (r#""C:\\Users\\Ada Lovelace\\x""#, r#""~\\x""#),
            (r"C:\Users\Ada Lovelace2\x", r"C:\Users\<user>\x"),
        ],
    );
    all(
        &Mask::new(Some("/root")),
        &[("/root/.ssh", "~/.ssh"), ("/rootfs", "/rootfs"), ("/mnt/root", "/mnt/root"), ("root", "root")],
    );
    all(&Mask::new(Some("/")), &[("/usr/bin", "/usr/bin")]);
}

#[test]
fn names_are_masked_as_words() {
    all(
        &ada(),
        &[
            ("ada", "<user>"),
            ("ada@adas-laptop:~$ docker ps", "<user>@<host>:~$ docker ps"),
            (
                "uid=1000(ada) gid=1000(ada) groups=1000(ada),27(sudo),999(docker)",
                "uid=1000(<user>) gid=1000(<user>) groups=1000(<user>),27(sudo),999(docker)",
            ),
            ("/srv/ada/x", "/srv/<user>/x"),
            ("adam, Ada, ada-tools, ada.py, ada_x", "adam, Ada, ada-tools, ada.py, ada_x"),
            ("adas-laptop.local adas-laptop ADAS-LAPTOP", "<host> <host> <host>"),
        ],
    );
    let lovelace = Mask::default().user("lovelace");
    all(&lovelace, &[("Lovelace lovelace-key lovelaces", "<user> <user>-key lovelaces")]);
}

/// A user whose name is an everyday word blanks nothing but the home folder and what can only be the user.
#[test]
fn everyday_names_do_no_harm() {
    let texts = [
        "go version go1.26.0 linux/amd64",
        "/usr/local/go/bin/go",
        "git version 2.47.1.windows.2",
        "git@github.com: Permission denied (publickey).",
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
        "node v24.1.0, npm 11.0.0, python@3.12, test user root",
        "uid=1000(x) groups=999(docker),27(root)",
    ];
    for name in ["", "a", "go", "git", "test", "root", "node", "user", "docker", "python", "admin", "ubuntu", "x1"] {
        let mask = Mask::new(Some(&format!("/home/{name}"))).user(name).host("localhost").host("docker");
        for text in texts {
            assert_eq!(mask.text(text), text, "a user named `{name}`");
        }
        if !name.is_empty() {
            assert_eq!(mask.text(&format!("/home/{name}/bin")), "~/bin");
            assert_eq!(mask.text(&format!("uid=1000({name}) gid=5({name})")), "uid=1000(<user>) gid=5(<user>)");
            assert_eq!(mask.text(&format!("{name}@localhost")), "<user>@localhost");
        }
    }
}

#[test]
fn a_machine_called_like_a_word_of_ours_does_no_harm() {
    let mask = Mask::default().with_usual(|word| word == "colima").host("colima").user("lovelace");
    assert_eq!(mask.text("Start colima, lovelace@colima"), "Start colima, <user>@<host>");
}

/// A recording's home folder goes on looking like one.
#[test]
fn homes_in_recordings_are_paths() {
    for (home, text, want) in [
        ("/home/ada", "#!/home/ada/.pyenv/x ~/y", "#!/home/user/.pyenv/x ~/y"),
        ("/Users/ada", "/Users/ada", "/Users/user"),
        ("/root", "/root/x /rootfs", "/home/user/x /rootfs"),
        ("/mnt/c/Users/ada", "/mnt/c/Users/ada/x", "/mnt/c/Users/user/x"),
        (
            r"C:\Users\Ada L",
            r#"C:\Users\Ada L\x "C:\\Users\\Ada L\\x" c:/users/ada l/x"#,
            r#"C:\Users\user\x "C:\\Users\\user\\x" C:/Users/user/x"#,
        ),
    ] {
        let mask = Mask::new(Some(home)).for_recording();
        assert_eq!(mask.text(text), want);
        assert_eq!(mask.text(want), want);
    }
}

/// Names of every length: the name is gone, what is around it is not.
#[test]
fn names_of_every_length() {
    for name in ["qx", "qxz", "qxzv", "qxzvk", "qxzvkj", "qxzvkjw", "qxzvkjwp", "José", "用户名字长"] {
        let mask = Mask::new(Some(&format!("/home/{name}"))).user(name);
        assert_eq!(mask.text(&format!("/home/{name}/.nvm/versions/node/v24.1.0")), "~/.nvm/versions/node/v24.1.0");
        assert_eq!(mask.text(&format!("/mnt/c/Users/{name}/x")), "/mnt/c/Users/<user>/x");
        assert_eq!(mask.text(&format!("z{name}z")), format!("z{name}z"));
        if name.chars().count() >= 3 {
            assert_eq!(mask.text(&format!("for {name}: no")), "for <user>: no");
        }
    }
}

#[test]
fn addresses_are_masked_and_services_are_not() {
    all(
        &Mask::default(),
        &[
            ("user.email=ada@lovelace.org", "user.email=<email>"),
            ("Ada <ada.l+x@mail.lovelace.co.uk>", "Ada <<email>>"),
            ("account: ada@163.com.", "account: <email>."),
            ("123+ada@users.noreply.github.com", "<email>"),
            ("git@github.com:ada/x.git", "git@github.com:ada/x.git"),
            ("git@ssh.dev.azure.com", "git@ssh.dev.azure.com"),
            (
                "you@example.com your_email@example.com johndoe@example.com",
                "you@example.com your_email@example.com johndoe@example.com",
            ),
            ("youremail@gmail.com", "youremail@gmail.com"),
            (
                "curve25519-sha256@libssh.org sk-ssh-ed25519@openssh.com",
                "curve25519-sha256@libssh.org sk-ssh-ed25519@openssh.com",
            ),
            (
                "icon@2x.png user@1000.service pnpm@9.1.0 python@3.12 npm@11.0.0-rc.1",
                "icon@2x.png user@1000.service pnpm@9.1.0 python@3.12 npm@11.0.0-rc.1",
            ),
            ("typescript@next.js @ a@b", "typescript@next.js @ a@b"),
        ],
    );
}

#[test]
fn secrets_are_masked_by_shape() {
    let made = |prefix: &str, length: usize| format!("{prefix}{}", "a1B2c3D4e5".repeat(9)[..length].to_owned());
    let mask = Mask::default();
    for (token, also) in [
        (made("ghp_", 36), true),
        (made("github_pat_", 60), true),
        (made("npm_", 36), true),
        (made("sk-proj-", 40), true),
        (made("sk-", 40), true),
        (made("xoxb-", 30), true),
        (made("AIza", 35), true),
        (format!("AKIA{}", "A1B2C3D4E5F6G7H8"), true),
        (made("eyJ", 30) + "." + &made("eyJ", 30) + ".x_y-z", true),
        (made("", 40), false),
    ] {
        if also {
            all(&mask, &[(&format!("it is {token}, yes"), "it is <token>, yes")]);
        }
        all(
            &mask,
            &[
                (&format!("//registry.npmjs.org/:_authToken={token}"), "//registry.npmjs.org/:_authToken=<token>"),
                (&format!("aws_secret_access_key = {token}"), "aws_secret_access_key = <token>"),
                (&format!("{{\"client_secret\": \"{token}\"}}"), "{\"client_secret\": \"<token>\"}"),
                (&format!("Authorization: Bearer {token}"), "Authorization: Bearer <token>"),
                (&format!("https://x.org/a?access_token={token}&b=c"), "https://x.org/a?access_token=<token>&b=c"),
                (&format!("https://{token}@github.com/a/b"), "https://<token>@github.com/a/b"),
                (&format!("postgres://ada:{token}@localhost:5432/x"), "postgres://ada:<token>@localhost:5432/x"),
                (&format!("PGPASSWORD={token} psql"), "PGPASSWORD=<token> psql"),
                (&format!("export OPENAI_KEY={token}"), "export OPENAI_KEY=<token>"),
            ],
        );
        assert_eq!(mask.variable("GITHUB_TOKEN", &token), "<token>");
    }
    all(&mask, &[("arn:aws:iam::123456789012:user/ada x", "arn:aws:iam:<account> x")]);
    assert_eq!(Mask::default().secret("hunter2-and").text("say hunter2-and!"), "say <secret>!");
}

#[test]
fn key_bodies_never_leave() {
    let (begin, end) = ("-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----");
    let body = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n".repeat(4);
    let mask = Mask::default();
    all(
        &mask,
        &[
            (&format!("x\n{begin}\n{body}{end}\ny"), &format!("x\n{begin}\n<key>\n{end}\ny")),
            (&format!("{begin}\n{body}"), &format!("{begin}\n<key>\n")),
            (
                "it starts with -----BEGIN RSA PRIVATE KEY----- or not",
                "it starts with -----BEGIN RSA PRIVATE KEY----- or not",
            ),
        ],
    );
}

/// What programs print about versions, files, keys and settings is not somebody's.
#[test]
fn what_is_judged_stays() {
    let mask = ada();
    for text in [
        "git version 2.39.5 (Apple Git-154)",
        "Python 3.13.0rc1+",
        "openssl 3.0.19-1~deb12u6 sha256:8f0a3b1c5d7e9f2a4b6c8d0e1f3a5b7c9d1e3f5a7b9c1d3e5f7a9b1c3d5e7f90",
        "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8 RSA",
        "The following signatures couldn't be verified: NO_PUBKEY 871920D1991BC93C",
        "FATAL:  password authentication failed for user \"postgres\"",
        "docker run -e POSTGRES_PASSWORD=postgres -p 5432:5432 postgres:18",
        "-e POSTGRES_PASSWORD=$PASSWORD POSTGRES_HOST_AUTH_METHOD=trust",
        "SyntaxError: Unexpected token '}', \"<!DOCTYPE \"... is not valid JSON",
        "SSH_AUTH_SOCK=/tmp/ssh-XXXXabc123/agent.4242",
        "npm_config_user_agent npm_lifecycle_event_12345678",
        "sk-ssh-ed25519@openssh.com sk-ecdsa-sha2-nistp256@openssh.com",
        "max_tokens=4096 tokenizer=bpe2048abcdefgh",
        "credential.helper=/usr/lib/git-core/git-credential-libsecret",
        "node_modules/.pnpm/@types+node@24.1.0/node_modules",
        "/nix/store/0c0i4zq3mqfvp3iqxlyqcrk1dvg9c5sm-git-2.47.1/bin/git",
        "/home/linuxbrew/.linuxbrew/Cellar/python@3.13/3.13.1/bin/python3",
        "ERR_PNPM_FETCH_401 token expired",
        "Docker version 29.0.1, build eedd9698e9",
        "Linux version 6.8.0-31-generic (buildd@lcy02-amd64-080)",
        "!(password|token|secret)",
    ] {
        assert_eq!(mask.text(text), text);
    }
}

/// Versions and file names of many shapes pass through every mask unharmed.
#[test]
fn versions_and_file_names_are_never_damaged() {
    let mask = Mask::new(Some("/root")).user("root").host("3f2a9c41d0be").user("ada").user("lovelace");
    for major in 0..40 {
        for tail in ["", ".0", ".1.2", ".3-rc.1", ".4+build.7", "-alpine3.20", ".windows.1", "-1~deb12u6", "_amd64.deb"]
        {
            for head in ["v", "", "go", "node-v", "python@", "lib", "sha256-", "@types/node@", "release/"] {
                let text = format!("{head}{major}{tail}");
                assert_eq!(mask.text(&text), text);
                let text = format!("/usr/lib/{head}{major}{tail}/x.so.{major}");
                assert_eq!(mask.text(&text), text);
            }
        }
    }
}

#[test]
fn bytes_of_every_encoding_are_masked_and_survive() {
    let mask = Mask::new(Some("/home/josé")).user("josé");
    let text = "wsl: josé at /home/josé/x\r\n";
    let want = "wsl: <user> at ~/x\r\n";
    assert_eq!(mask.bytes(text.as_bytes()), want.as_bytes());
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    assert_eq!(mask.bytes(&wide(text)), wide(want));
    assert_eq!(mask.bytes(&[&[0xff, 0xfe], &wide(text)[..]].concat()), [&[0xff, 0xfe], &wide(want)[..]].concat());
    let odd = [b"\xff\x80 ", text.as_bytes(), b"\x00\xc3"].concat();
    assert_eq!(mask.bytes(&odd), [b"\xff\x80 ", want.as_bytes(), b"\x00\xc3"].concat());
    let every: Vec<u8> = (0..=255).collect();
    assert_eq!(mask.bytes(&every), every);
}

#[test]
fn commands_still_work_when_pasted() {
    let mask = Mask::new(Some("/home/ada")).user("ada").host("engine");
    for (command, want) in [
        ("chmod 600 /home/ada/.ssh/id_rsa", "chmod 600 ~/.ssh/id_rsa"),
        ("chmod 600 '/home/ada/my keys/id'", "chmod 600 ~/'my keys/id'"),
        ("cd \"/home/ada/my keys\" && ls", "cd ~/\"my keys\" && ls"),
        ("ls '/home/ada'", "ls ~"),
        ("sudo dnf install moby-engine", "sudo dnf install moby-engine"),
        ("git config --global user.email \"you@example.com\"", "git config --global user.email \"you@example.com\""),
        ("docker run -e POSTGRES_PASSWORD=anything1 x", "docker run -e POSTGRES_PASSWORD=anything1 x"),
    ] {
        assert_eq!(mask.command(command, Os::Linux), want);
    }
    let mask = Mask::new(Some(r"C:\Users\Ada L")).user("adalove");
    {
        let (command, want) = (r"icacls 'C:\Users\Ada L\.ssh\id' /reset", r#"icacls "$HOME\.ssh\id" /reset"#);
        assert_eq!(mask.command(command, Os::Windows), want);
    }
}

/// No text makes masking panic or change a text that it has masked.
#[test]
fn masking_is_idempotent_on_any_text() {
    let parts = [
        "/home/",
        "ada",
        "@",
        "é",
        "<user>",
        "C:\\Users\\",
        "token=",
        "://",
        "\n",
        " ",
        ":",
        "\"",
        "-----BEGIN RSA PRIVATE KEY-----",
        "lovelace.org",
        "ghp_a1b2c3d4e5f6a7b8c9d0",
        ".",
        "/",
        "(",
        "uid=1",
        ")",
        "arn:aws:iam::1:x",
        "用",
        "\\",
        "-",
        "password",
        "=",
        "Users",
        "home",
    ];
    let mask = ada().secret("a1b2c3d4");
    let mut seed = 11_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for _ in 0..4_000 {
        let text: String = (0..1 + random(9)).map(|_| parts[random(parts.len())]).collect();
        let once = mask.text(&text);
        assert_eq!(mask.text(&once), once, "{text:?}");
        mask.command(&text, Os::Linux);
        mask.bytes(&text.as_bytes()[..random(text.len() + 1)]);
    }
}

#[test]
fn an_everyday_name_is_masked_where_there_are_only_account_names() {
    let mask = Mask::new(Some("/home/learner")).user("learner");
    let id = |argv: &str, text: &str| {
        String::from_utf8(mask.printed(&[argv.to_owned(), "-Gn".to_owned()], text.as_bytes())).unwrap()
    };
    assert_eq!(id("id", "learner docker sudo\n"), "<user> docker sudo\n");
    assert_eq!(id("/usr/bin/getent", "docker:x:999:ada,learner\n"), "docker:x:999:ada,<user>\n");
    assert_eq!(id("id", "learners learner-x\n"), "learners learner-x\n");
    assert_eq!(id("git", "learner\n"), "learner\n");
    assert_eq!(mask.variable("USER", "learner"), "<user>");
    // Whoever is called as a group that counts stays a member of it.
    let mask = Mask::new(None).user("docker");
    assert_eq!(mask.printed(&["id".to_owned()], b"docker"), b"docker");
}
