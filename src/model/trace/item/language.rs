//! What the grammars call things, a row a language.

use tree_sitter::Language as Grammar;

use super::Sort;

pub(super) struct Language {
    pub(super) names: &'static [&'static str],
    pub(super) grammar: fn() -> Grammar,
    pub(super) sort: Sort,
    pub(super) functions: &'static [&'static str],
    pub(super) types: &'static [&'static str],
    pub(super) modules: &'static [&'static str],
    /// What may be around an item and is not one.
    pub(super) wrappers: &'static [&'static str],
    /// What may stand between a tag and its item.
    pub(super) attributes: &'static [&'static str],
    /// A comment above one of these at the top of a file speaks of the file.
    pub(super) heads: &'static [&'static str],
    /// Nodes that call something, with the field that says what.
    pub(super) calls: &'static [(&'static str, &'static str)],
    /// Nodes that assert or fail by what they are.
    pub(super) asserting: &'static [&'static str],
    /// A call asserts if its name has one of these, in small letters.
    pub(super) words: &'static [&'static str],
}

const WORDS: &[&str] = &[
    "assert", "expect", "verify", "check", "should", "fail", "panic", "require",
];

pub(super) static LANGUAGES: &[Language] = &[
    Language {
        names: &["rs"],
        grammar: || tree_sitter_rust::LANGUAGE.into(),
        sort: Sort::Rust,
        functions: &["function_item", "function_signature_item"],
        types: &[
            "impl_item",
            "trait_item",
            "struct_item",
            "enum_item",
            "union_item",
        ],
        modules: &["mod_item", "foreign_mod_item"],
        wrappers: &[],
        attributes: &["attribute_item", "inner_attribute_item"],
        heads: &["use_declaration", "extern_crate_declaration"],
        calls: &[
            ("call_expression", "function"),
            ("macro_invocation", "macro"),
        ],
        asserting: &["try_expression"],
        words: &[
            "assert",
            "expect",
            "verify",
            "check",
            "should",
            "fail",
            "panic",
            "require",
            "unwrap",
            "unreachable",
        ],
    },
    Language {
        names: &["py", "pyi"],
        grammar: || tree_sitter_python::LANGUAGE.into(),
        sort: Sort::Python,
        functions: &["function_definition"],
        types: &["class_definition"],
        modules: &[],
        wrappers: &["decorated_definition", "block"],
        attributes: &["decorator"],
        heads: &[
            "import_statement",
            "import_from_statement",
            "future_import_statement",
        ],
        calls: &[("call", "function")],
        asserting: &["assert_statement", "raise_statement"],
        words: &[
            "assert", "expect", "verify", "check", "should", "fail", "require", "raises", "warns",
        ],
    },
    Language {
        names: &["ts", "mts", "cts"],
        grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        ..SCRIPT
    },
    Language {
        names: &["tsx"],
        grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(),
        ..SCRIPT
    },
    SCRIPT,
    Language {
        names: &["go"],
        grammar: || tree_sitter_go::LANGUAGE.into(),
        sort: Sort::Go,
        functions: &["function_declaration", "method_declaration"],
        types: &[],
        modules: &[],
        wrappers: &[],
        attributes: &[],
        heads: &["package_clause", "import_declaration"],
        calls: &[("call_expression", "function")],
        asserting: &[],
        words: &[
            "assert", "expect", "verify", "check", "should", "fail", "panic", "require", "error",
            "fatal",
        ],
    },
    Language {
        names: &["c", "h"],
        grammar: || tree_sitter_c::LANGUAGE.into(),
        types: &[],
        modules: &[],
        ..CPP
    },
    CPP,
    Language {
        names: &["java"],
        grammar: || tree_sitter_java::LANGUAGE.into(),
        sort: Sort::Java,
        functions: &[
            "method_declaration",
            "constructor_declaration",
            "compact_constructor_declaration",
        ],
        types: &[
            "class_declaration",
            "interface_declaration",
            "enum_declaration",
            "record_declaration",
        ],
        modules: &[],
        wrappers: &[],
        attributes: &[],
        heads: &["package_declaration", "import_declaration"],
        calls: &[("method_invocation", "name")],
        asserting: &["assert_statement", "throw_statement"],
        words: WORDS,
    },
];

const SCRIPT: Language = Language {
    names: &["js", "jsx", "mjs", "cjs"],
    grammar: || tree_sitter_javascript::LANGUAGE.into(),
    sort: Sort::Script,
    functions: &[
        "function_declaration",
        "generator_function_declaration",
        "method_definition",
        "variable_declarator",
        "public_field_definition",
        "field_definition",
        "call_expression",
    ],
    types: &[
        "class_declaration",
        "abstract_class_declaration",
        "interface_declaration",
    ],
    modules: &["internal_module", "module"],
    wrappers: &[
        "export_statement",
        "lexical_declaration",
        "variable_declaration",
        "expression_statement",
        "await_expression",
    ],
    attributes: &["decorator"],
    heads: &["import_statement", "hash_bang_line"],
    calls: &[("call_expression", "function")],
    asserting: &["throw_statement"],
    words: WORDS,
};

const CPP: Language = Language {
    names: &[
        "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "ipp", "inl", "cu", "cuh", "ino",
    ],
    grammar: || tree_sitter_cpp::LANGUAGE.into(),
    sort: Sort::C,
    functions: &["function_definition"],
    types: &["class_specifier", "struct_specifier"],
    modules: &["namespace_definition", "linkage_specification"],
    wrappers: &["template_declaration"],
    attributes: &["attribute_declaration"],
    heads: &["preproc_include", "using_declaration"],
    calls: &[("call_expression", "function")],
    asserting: &["throw_statement"],
    words: WORDS,
};

/// The language of a file.
pub(super) fn of(path: &[u8]) -> Option<&'static Language> {
    let name = path.rsplit(|b| *b == b'/').next()?;
    let at = name.iter().rposition(|b| *b == b'.')?;
    let ending = name[at + 1..].to_ascii_lowercase();
    let is = |language: &&Language| language.names.iter().any(|n| n.as_bytes() == ending);
    LANGUAGES.iter().find(is)
}
