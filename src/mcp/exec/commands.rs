//! The git commands that are understood, as data, and what does the work of others.

/// What a command's flag says: the argument that it is, and its value; none takes the next word.
pub(super) type Flag = (&'static str, &'static str, Option<bool>);

/// A command that is known.
pub(super) struct Known {
    pub(super) word: &'static str,
    pub(super) tool: &'static str,
    pub(super) flags: &'static [Flag],
    /// The arguments that words without a dash are, in order; the last of `paths` takes all that are left.
    pub(super) words: &'static [&'static str],
}

pub(super) const KNOWN: &[Known] = &[
    Known {
        word: "status",
        tool: "git_status",
        flags: &[("-s", "", Some(true)), ("--short", "", Some(true))],
        words: &[],
    },
    Known {
        word: "log",
        tool: "git_log",
        flags: &[
            ("-n", "limit", None),
            ("--max-count", "limit", None),
            ("--skip", "skip", None),
            ("--first-parent", "first_parent", Some(true)),
            ("--oneline", "", Some(true)),
        ],
        words: &["revision"],
    },
    Known {
        word: "show",
        tool: "git_show",
        flags: &[
            ("-p", "patch", Some(true)),
            ("--patch", "patch", Some(true)),
            ("--stat", "", Some(true)),
        ],
        words: &["revision"],
    },
    Known {
        word: "diff",
        tool: "git_diff",
        flags: &[
            ("-p", "patch", Some(true)),
            ("--patch", "patch", Some(true)),
            ("--stat", "", Some(true)),
        ],
        words: &["from", "to"],
    },
    Known {
        word: "ls-tree",
        tool: "git_ls",
        flags: &[("-r", "recursive", Some(true))],
        words: &["revision", "folder"],
    },
    Known {
        word: "ls-files",
        tool: "git_ls",
        flags: &[],
        words: &["folder"],
    },
    Known {
        word: "grep",
        tool: "git_grep",
        flags: &[
            ("-i", "ignore_case", Some(true)),
            ("-F", "fixed", Some(true)),
            ("-n", "", Some(true)),
            ("-e", "pattern", None),
        ],
        words: &["pattern", "revision"],
    },
    Known {
        word: "blame",
        tool: "git_blame",
        flags: &[],
        words: &["path"],
    },
];

/// What does the work of commands that write.
pub(super) const INSTEAD: &[(&[&str], &str)] = &[
    (
        &["add", "commit", "rm", "mv", "apply", "am", "stage"],
        "git_commit, which takes the new state of paths",
    ),
    (&["push"], "git_push"),
    (
        &[
            "checkout",
            "switch",
            "branch",
            "restore",
            "reset",
            "stash",
            "merge",
            "rebase",
            "cherry-pick",
            "revert",
        ],
        "git_commit for what is to be changed; whoever runs this gateway moves branches",
    ),
    (&["cat-file", "rev-parse", "describe"], "git_show"),
    (&["rev-list", "shortlog", "reflog"], "git_log"),
];
