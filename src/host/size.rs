//! How big the machine is.

use std::path::Path;

/// Bytes free to this user on the disk that holds a folder, or its nearest parent that exists.
#[cfg(unix)]
pub fn disk_free(folder: &Path) -> Option<u64> {
    let disk = folder.ancestors().find_map(|folder| rustix::fs::statvfs(folder).ok())?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Bytes of memory in all.
#[cfg(target_os = "linux")]
pub fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Bytes of memory in all.
#[cfg(all(unix, not(target_os = "linux")))]
pub fn memory() -> Option<u64> {
    let mut command = std::process::Command::new("/usr/sbin/sysctl");
    let output = command.args(["-n", "hw.memsize"]).stdin(std::process::Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Bytes free to this user on the disk that holds a folder.
#[cfg(windows)]
pub fn disk_free(folder: &Path) -> Option<u64> {
    use std::os::windows::ffi::OsStrExt as _;
    let wide: Vec<u16> = folder.as_os_str().encode_wide().chain([0]).collect();
    let mut free = 0;
    // SAFETY: `wide` ends in NUL and outlives the call; the pointers that are null are optional.
    let done = unsafe {
        windows_sys::Win32::Storage::FileSystem::GetDiskFreeSpaceExW(
            wide.as_ptr(),
            &mut free,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
        )
    };
    (done != 0).then_some(free)
}

/// Bytes of memory in all.
#[cfg(windows)]
pub fn memory() -> Option<u64> {
    use windows_sys::Win32::System::SystemInformation::{GlobalMemoryStatusEx, MEMORYSTATUSEX};
    let mut status =
        MEMORYSTATUSEX { dwLength: u32::try_from(size_of::<MEMORYSTATUSEX>()).ok()?, ..Default::default() };
    // SAFETY: the structure says its own size, as the call wants it.
    let done = unsafe { GlobalMemoryStatusEx(&mut status) };
    (done != 0).then_some(status.ullTotalPhys)
}
