//! The binary: one call into the library.

fn main() -> std::process::ExitCode {
    qms::cli::main()
}
