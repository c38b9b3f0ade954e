//! Ways to write into a folder from within a box. Each is a script that ends well only where something was written, and
//! takes back what it did: where they are tried on a folder that can be written, it is afterwards as it was.

/// A way to write. `$R` is the folder, a repository; `$W` an empty folder to work in, `$N` a name that is nowhere yet.
pub struct Way {
    pub name: &'static str,
    pub script: &'static str,
}

const fn way(name: &'static str, script: &'static str) -> Way {
    Way { name, script }
}

/// All of them, the plain ones first.
pub const WAYS: &[Way] = &[
    way("a new file", ": >\"$R/$N\" && rm \"$R/$N\""),
    way("a new folder", "mkdir \"$R/$N\" && rmdir \"$R/$N\""),
    way("a link", "ln -s x \"$R/$N\" && rm \"$R/$N\""),
    way("a pipe", "mkfifo \"$R/$N\" && rm \"$R/$N\""),
    way("a file opened to write", ": >>\"$R/.git/HEAD\""),
    way(
        "a file opened to read and write",
        "exec 3<>\"$R/.git/HEAD\"",
    ),
    way("dd", "dd if=/dev/null of=\"$R/.git/HEAD\" conv=notrunc"),
    way("a file made shorter", "truncate -s +0 \"$R/.git/HEAD\""),
    way(
        "a file with another mode",
        "chmod --reference=\"$R/.git/HEAD\" \"$R/.git/HEAD\"",
    ),
    way(
        "a file with another owner",
        "chown --reference=\"$R/.git/HEAD\" \"$R/.git/HEAD\"",
    ),
    way(
        "a file with another date",
        "touch -c -r \"$R/.git/HEAD\" \"$R/.git/HEAD\"",
    ),
    way(
        "a file of another name",
        "mv \"$R/.git/HEAD\" \"$R/.git/$N\" && mv \"$R/.git/$N\" \"$R/.git/HEAD\"",
    ),
    way(
        "a file in the place of another",
        "cp -p \"$R/.git/HEAD\" \"$W/h\" && cp -p --remove-destination \"$W/h\" \"$R/.git/HEAD\"",
    ),
    way("sed", "sed -i '' \"$R/.git/HEAD\""),
    way(
        "a second name within",
        "ln \"$R/.git/HEAD\" \"$R/$N\" && rm \"$R/$N\"",
    ),
    way(
        "a second name outside",
        "ln \"$R/.git/HEAD\" \"$W/h\" && : >>\"$W/h\"",
    ),
    way(
        "through a link",
        "ln -s \"$R\" \"$W/l\" && : >\"$W/l/$N\" && rm \"$W/l/$N\"",
    ),
    way(
        "through an open folder",
        "exec 3<\"$R\" && : >/proc/self/fd/3/$N && rm \"$R/$N\"",
    ),
    way(
        "through an open file",
        "exec 3<\"$R/.git/HEAD\" && : >>/proc/self/fd/3",
    ),
    way(
        "through the working folder of a process",
        "cd \"$R\" && : >/proc/self/cwd/$N && rm $N",
    ),
    way(
        "through a process's own root",
        ": >\"/proc/self/root$R/$N\" && rm \"$R/$N\"",
    ),
    way(
        "through the root of the first process",
        ": >\"/proc/1/root$R/$N\" && rm \"/proc/1/root$R/$N\"",
    ),
    way(
        "git config",
        "git -C \"$R\" config qms.try-$N x && git -C \"$R\" config --remove-section qms",
    ),
    way(
        "a hook",
        ": >\"$R/.git/hooks/$N\" && rm \"$R/.git/hooks/$N\"",
    ),
    way(
        "alternates",
        "mkdir -p \"$R/.git/objects/info\" && : >>\"$R/.git/objects/info/$N\" && rm \"$R/.git/objects/info/$N\"",
    ),
    way(
        "an object",
        "o=$(echo \"$N\" | git -C \"$R\" hash-object -w --stdin) && rm -f \"$R/.git/objects/${o%${o#??}}/${o#??}\" && rmdir --ignore-fail-on-non-empty \"$R/.git/objects/${o%${o#??}}\"",
    ),
    way(
        "a ref",
        "git -C \"$R\" update-ref refs/$N HEAD && git -C \"$R\" update-ref -d refs/$N",
    ),
    way(
        "a ref through another repository",
        "git init -q \"$W/p\" && git -C \"$W/p\" fetch -q \"$R\" HEAD && git -C \"$W/p\" push -q \"$R\" FETCH_HEAD:refs/$N && git -C \"$R\" update-ref -d refs/$N",
    ),
    way(
        "the index",
        "git -C \"$R\" update-index --force-write-index",
    ),
    way(
        "a work tree of its own",
        "git -C \"$R\" worktree add -q --detach --no-checkout \"$W/t\" && git -C \"$R\" worktree remove -f \"$W/t\"",
    ),
    way(
        "an object of a clone that is the same file",
        "git clone -q --local --no-checkout \"$R\" \"$W/c\" && f=$(find \"$W/c/.git/objects\" -type f -links +1 | head -n1) && [ -n \"$f\" ] && touch -c -r \"$f\" \"$f\"",
    ),
    way(
        "below what is mounted there",
        "d=$(awk -v r=\"$R/\" 'index($5, r) == 1 { print $5; exit }' /proc/self/mountinfo) && [ -n \"$d\" ] && : >\"$d/$N\" && rm \"$d/$N\"",
    ),
    way(
        "mounted again to write",
        "mount -o remount,rw,bind \"$R\" && : >\"$R/$N\" && rm \"$R/$N\"",
    ),
    way(
        "the root mounted again to write",
        "mount -o remount,rw / && : >\"/$N\" && rm \"/$N\"",
    ),
    way(
        "bound to another place",
        "mkdir \"$W/b\" && mount --bind \"$R\" \"$W/b\" && mount -o remount,rw,bind \"$W/b\" && : >\"$W/b/$N\" && rm \"$R/$N\"",
    ),
    way(
        "taken away, and what is below it",
        "umount \"$R\" && : >\"$R/$N\" && rm \"$R/$N\"",
    ),
    way(
        "moved away",
        "mkdir \"$W/m\" && mount --move \"$R\" \"$W/m\" && : >\"$W/m/$N\" && rm \"$W/m/$N\"",
    ),
    way(
        "mounts of its own",
        "unshare -m sh -c 'mount -o remount,rw,bind \"$R\" && : >\"$R/$N\" && rm \"$R/$N\"'",
    ),
    way(
        "users and mounts of its own",
        "unshare -Urm sh -c 'mount -o remount,rw,bind \"$R\" && : >\"$R/$N\" && rm \"$R/$N\"'",
    ),
    way(
        "the mounts of the first process",
        "nsenter -t 1 -m -- sh -c ': >\"$R/$N\" && rm \"$R/$N\"'",
    ),
    way(
        "a disk of the machine",
        "n=$(awk -v r=\"$R\" '$5 == r { print $3; exit }' /proc/self/mountinfo) && mknod \"$W/d\" b \"${n%:*}\" \"${n#*:}\" && exec 3<>\"$W/d\"",
    ),
    way(
        "a disk that is there",
        "for d in /dev/[svx]d[a-z]* /dev/vd* /dev/nvme* /dev/dm-*; do [ -b \"$d\" ] && exec 3<>\"$d\" && exit 0; done; exit 1",
    ),
    way(
        "a program of the kernel's",
        ": >>/proc/sys/kernel/core_pattern",
    ),
    way("a word to the kernel", ": >>/proc/sysrq-trigger"),
    way(
        "an agent of control groups",
        "f=$(find /sys/fs/cgroup -name release_agent 2>/dev/null | head -n1) && [ -n \"$f\" ] && : >>\"$f\"",
    ),
    way(
        "another root",
        "chroot /proc/1/root sh -c ': >\"$R/$N\" && rm \"$R/$N\"'",
    ),
    way(
        "another user",
        "setpriv --reuid=0 --regid=0 --clear-groups sh -c ': >\"$R/$N\" && rm \"$R/$N\"'",
    ),
    way(
        "the engine's socket",
        "for s in /var/run/docker.sock /run/docker.sock /run/podman/podman.sock /run/containerd/containerd.sock; do [ -S \"$s\" ] && [ -w \"$s\" ] && exit 0; done; exit 1",
    ),
    way("what the box was given", ": >>/run/qms/token"),
    way("the program itself", "q=$(command -v qms) && : >>\"$q\""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_many_and_each_has_a_name() {
        assert!(WAYS.len() > 34);
        for (at, way) in WAYS.iter().enumerate() {
            assert!(
                WAYS[..at].iter().all(|w| w.name != way.name),
                "{}",
                way.name
            );
        }
    }
}
