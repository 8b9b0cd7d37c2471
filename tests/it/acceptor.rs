//! The acceptor function has tests of its own, in its own language, against the real boto3.

use std::process::Command;

use crate::env;

#[test]
fn its_own_tests_pass() {
    let python = env::program(&env::venv("world"), "python");
    let mut command = Command::new(python);
    command.args(["-B", "-m", "unittest", "discover", "-s", "tests/acceptor"]).current_dir(env::root());
    let ran = env::run(&mut command);
    assert_eq!(ran.code, 0, "{}", ran.said());
    assert!(ran.said().contains("Ran ") && !ran.said().contains("Ran 0 tests"), "{}", ran.said());
}
