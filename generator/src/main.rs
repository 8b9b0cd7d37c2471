//! The lakelink program: arguments in, exit code out. Everything else is in the library.

use std::process::ExitCode;

/// Rendering puts small texts together on every core: with the allocator of the C library, near a third of a fleet's instructions are its.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(lakelink::cli::run(std::env::args_os()).code())
}
