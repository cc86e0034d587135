"""The assertions of checks/same.toml for pytest-testinfra; test and check have the same name."""
import re


def newer(host, command, pattern, least):
    result = host.run(command)
    assert result.rc == 0
    found = re.search(pattern, result.stdout or result.stderr)
    assert found
    version = [int(part) for part in found.group(1).split(".")]
    assert version >= [int(part) for part in least.split(".")]


def test_git(host):
    newer(host, 'git --version', r"(\d+\.\d+(?:\.\d+)?)", "2.20")


def test_python(host):
    newer(host, 'python3 --version', r"(\d+\.\d+\.\d+)", "3.8")


def test_bash(host):
    newer(host, 'bash --version', r"version (\d+\.\d+\.\d+)", "4.0")


def test_tar(host):
    newer(host, 'tar --version', r"(\d+\.\d+)", "1.20")


def test_gzip(host):
    newer(host, 'gzip --version', r"gzip (\d+\.\d+)", "1.5")


def test_sed(host):
    newer(host, 'sed --version', r"(\d+\.\d+)", "4.0")


def test_grep(host):
    newer(host, 'grep --version', r"(\d+\.\d+)", "3.0")


def test_perl(host):
    newer(host, 'perl -V:version', r"version='(\d+\.\d+\.\d+)", "5.20")


def test_xz(host):
    newer(host, 'xz --version', r"(\d+\.\d+\.\d+)", "5.0")


def test_make(host):
    newer(host, 'make --version', r"Make (\d+\.\d+)", "4.0")


def test_ls(host):
    newer(host, 'ls --version', r"(\d+\.\d+)", "8.0")


def test_find(host):
    newer(host, 'find --version', r"(\d+\.\d+\.\d+)", "4.5")


def test_dpkg(host):
    newer(host, 'dpkg --version', r"version (\d+\.\d+\.\d+)", "1.19")


def test_node(host):
    newer(host, 'node --version', r"v(\d+\.\d+\.\d+)", "18")


def test_git_new(host):
    newer(host, 'git --version', r"(\d+\.\d+(?:\.\d+)?)", "99")


def test_tar_new(host):
    newer(host, 'tar --version', r"(\d+\.\d+)", "99")


def test_no_tool(host):
    newer(host, 'doctor-no-such-tool --version', r"(\d+\.\d+)", "1")


def test_os_release(host):
    assert re.search(r"(?m)^ID=", host.file("/etc/os-release").content_string)


def test_passwd(host):
    assert re.search(r"(?m)^root:", host.file("/etc/passwd").content_string)


def test_group(host):
    assert re.search(r"(?m)^root:", host.file("/etc/group").content_string)


def test_hosts(host):
    assert re.search(r"localhost", host.file("/etc/hosts").content_string)


def test_certificates(host):
    assert re.search(r"BEGIN CERTIFICATE", host.file("/etc/ssl/certs/ca-certificates.crt").content_string)


def test_no_file(host):
    assert re.search(r"x", host.file("/etc/doctor-no-such-file").content_string)


def test_no_text(host):
    assert re.search(r"(?m)^doctor-nobody:", host.file("/etc/passwd").content_string)


def test_tmp(host):
    assert host.file("/tmp").is_directory


def test_usr_bin(host):
    assert host.file("/usr/bin").is_directory


def test_no_dir(host):
    assert host.file("/nowhere").is_directory


def test_path(host):
    assert host.environment().get("PATH")


def test_no_variable(host):
    assert host.environment().get("DOCTOR_NO_SUCH_VARIABLE")
