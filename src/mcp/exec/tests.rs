//! Command lines that are understood, and hostile ones.

use super::*;

#[test]
fn what_is_known_becomes_the_arguments_of_a_tool() {
    for (line, tool, arguments) in [
        ("git status -s", "git_status", json!({})),
        ("git log", "git_log", json!({})),
        (
            "git log -n 5 HEAD~2 -- src 'a b'",
            "git_log",
            json!({"limit": 5, "revision": "HEAD~2", "paths": ["src", "a b"]}),
        ),
        (
            "git log --max-count=3 --oneline",
            "git_log",
            json!({"limit": 3}),
        ),
        (
            "git show -p main -- src/a",
            "git_show",
            json!({"patch": true, "revision": "main", "path": "src/a"}),
        ),
        (
            "git diff main..HEAD",
            "git_diff",
            json!({"from": "main", "to": "HEAD"}),
        ),
        (
            "git diff main HEAD -- a",
            "git_diff",
            json!({"from": "main", "to": "HEAD", "paths": ["a"]}),
        ),
        (
            "git ls-tree -r HEAD src",
            "git_ls",
            json!({"recursive": true, "revision": "HEAD", "folder": "src"}),
        ),
        (
            "git grep -i -e 'a|b*' HEAD",
            "git_grep",
            json!({"ignore_case": true, "pattern": "a|b*", "revision": "HEAD"}),
        ),
        ("git blame src/a", "git_blame", json!({"path": "src/a"})),
    ] {
        let (name, found) = read(line).expect(line);
        assert_eq!((name, Value::Object(found)), (tool, arguments), "{line}");
    }
}

#[test]
fn m1_hostile_commands_are_refused_or_harmless() {
    let hostile = [
        "",
        "ls",
        "rm -rf /",
        "git",
        "git ",
        "git -C /etc log",
        "git --git-dir=/x log",
        "git -c core.pager=sh log",
        "git -c alias.log=!sh log",
        "git --exec-path=/tmp log",
        "git -p log",
        "git log; rm -rf /",
        "git log && sh",
        "git log | sh",
        "git log > /etc/passwd",
        "git log < x",
        "git log `id`",
        "git log $(id)",
        "git log $HOME",
        "git log & sh",
        "git log \\; sh",
        "git log\nsh",
        "git log\0",
        "git log \u{202e}",
        "git log 'x",
        "git log --output=/tmp/x",
        "git log --output /tmp/x",
        "git log --ext-diff",
        "git log --textconv",
        "git log --format=%x00",
        "git log --exec=sh",
        "git diff --no-index /etc/passwd /etc/shadow",
        "git diff --output=x",
        "git diff --ext-diff a b",
        "git show --output=x HEAD",
        "git grep --open-files-in-pager=sh x",
        "git grep -O sh x",
        "git grep --no-index x /etc",
        "git grep -f /etc/passwd",
        "git blame --contents /etc/passwd a",
        "git ls-files --with-tree=x -o",
        "git ls-tree --full-tree HEAD /",
        "git push",
        "git push --receive-pack=sh x",
        "git fetch --upload-pack=sh x",
        "git clone ext::sh",
        "git pull",
        "git commit -m x --no-verify",
        "git commit --amend",
        "git add .",
        "git rm x",
        "git mv a b",
        "git apply x",
        "git am x",
        "git checkout main",
        "git switch x",
        "git branch -D main",
        "git reset --hard",
        "git rebase -i x",
        "git merge x",
        "git cherry-pick x",
        "git revert x",
        "git stash",
        "git config core.hooksPath /x",
        "git config --global alias.x !sh",
        "git update-ref refs/heads/main x",
        "git symbolic-ref HEAD x",
        "git replace a b",
        "git notes add",
        "git filter-branch",
        "git submodule foreach sh",
        "git worktree add x",
        "git daemon",
        "git gc",
        "git fsck",
        "git hook run pre-commit",
        "git bisect run sh",
        "git difftool x",
        "git mergetool",
        "git archive --output=x",
        "git bundle create x",
        "git credential fill",
        "git credential-store get",
        "git instaweb",
        "git send-email x",
        "git remote add x y",
        "git remote-ext x",
        "git upload-archive x",
        "git init /tmp/x",
        "git help --web log",
        "git version --build-options",
        "git var -l",
        "git LOG",
        "git  -C / status",
        "git log -n",
        "git log -n x",
        "git log -n -1 --",
        "git status .",
        "git log a b",
        "git blame a b",
        "GIT_DIR=/x git log",
        "sudo git log",
        "/usr/bin/git log",
        "git.exe log",
        "git;log",
        "'git log'",
        "git 'log; sh'",
        "git \"log\" | sh",
        "git log --no-such",
    ];
    assert!(hostile.len() >= 60);
    for line in hostile {
        assert!(read(line).is_err(), "{line:?}");
    }
    // What passes is only ever a name that the tool itself looks at.
    for line in [
        "git log --output",
        "git show HEAD:../../etc/passwd",
        "git blame ../../etc/passwd",
        "git log -- /etc/passwd",
        "git ls-files .git",
    ] {
        if let Ok((_, found)) = read(line) {
            let text = Value::Object(found).to_string();
            assert!(!text.contains("output"), "{line}");
        }
    }
}
