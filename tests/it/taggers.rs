//! Whoever records that something was qualified is known, and signs where commits are signed.

use serde_json::Value;

use crate::qualified::{matrix, shown, worked};
use crate::signatures::{amended, by_key, listing};
use crate::world::{Ran, World};

const QUALIFY: [&str; 4] = ["qualify", "CLI", "--release", "CLI-6.0"];

/// A system that is verified, in a repository that `served` makes what it is before its evidence is kept.
fn verified(served: impl FnOnce(&mut World)) -> World {
    let (mut world, _) = worked();
    served(&mut world);
    shown(&world, "");
    matrix(&world);
    world.approve("ann", "SDLC-CLI-RTM");
    world
}

/// The same where the trunk asks for signatures, and eve has a key that is nobody's.
fn signed() -> World {
    verified(|world| {
        let names = ["ann", "qa", "qb", "eve"];
        let keys = world.make_keys(&names);
        let key = |name: &str| {
            let at = names.iter().position(|n| *n == name).expect("has a key");
            keys[at].clone()
        };
        let text = listing(world.read("qms.yaml"), &names[..3], &key);
        amended(world, &(text + "signatures: require\n"));
    })
}

fn serve(world: &World) {
    world.serve();
    let push = ["push", "-q", "origin", "refs/qms/evidence"];
    world.git("ann", &push).ok();
}

/// A tag that says what the one of `qualify` says, by whoever runs `tag`.
fn again(world: &World, name: &str, tag: impl FnOnce(&[&str]) -> Ran) {
    let says = [
        "tag",
        "-l",
        "--format=%(contents:subject)%0a%0a%(contents:body)",
        "qualified/CLI-6.0",
    ];
    let says = world.git("ann", &says).ok();
    world.write("../says", &says);
    tag(&["tag", "-F", "../says", name, "qualified/CLI-6.0^{}"]).ok();
}

/// A server refuses the tag, and `baselines` says the same of it.
#[track_caller]
fn is_refused(world: &World, name: &str, rule: &str, why: &str) {
    let said = world
        .git("ann", &["push", "-q", "origin", name])
        .refused(rule);
    let words = said.split_whitespace().filter(|word| *word != "remote:");
    let flat = words.collect::<Vec<_>>().join(" ");
    assert!(flat.contains(why), "{why}: {flat}");
    let wrong = wrong(world, name);
    let wrong = wrong.as_str().unwrap_or_default();
    assert!(wrong.contains(why), "{why}: {wrong}");
}

/// Why a tag that is here does not hold; null where it does.
fn wrong(world: &World, name: &str) -> Value {
    let said = world.qms("ann", &["baselines", "--format", "json"]);
    let all: Vec<Value> = serde_json::from_str(&said.out).expect("JSON");
    let of = all.into_iter().find(|baseline| baseline["tag"] == name);
    of.expect("it is there")["wrong"].clone()
}

// Verifies: REQ-QMS-RULE-RELEASE-TAG
#[test]
fn what_was_qualified_is_signed_by_who_says_so() {
    let world = signed();
    let qms = env!("CARGO_BIN_EXE_qms");
    by_key(&world, "ann", "qa", qms, &QUALIFY).refused("wrong-signer");
    assert_eq!(world.git("ann", &["tag", "-l"]).ok(), "");
    world.qms("ann", &QUALIFY).ok();
    serve(&world);
    world.qms("ann", &["baselines"]).ok();
    let by_hand = |name: &str, user: &str, key: &str, how: &str| {
        again(&world, name, |args| {
            let args = [&args[..1], &[how], &args[1..]].concat();
            by_key(&world, user, key, "git", &args)
        });
    };
    by_hand("qualified/bare", "ann", "ann", "-a");
    let why = "the tag is not signed, expected a key of `ann`";
    is_refused(&world, "qualified/bare", "unsigned", why);
    by_hand("qualified/other", "ann", "qa", "-s");
    let why = "`qa` signed what `ann` is to have done";
    is_refused(&world, "qualified/other", "wrong-signer", why);
    by_hand("qualified/eve", "eve", "eve", "-s");
    let why = "`eve <eve@example.com>` is no user of the policy in force";
    is_refused(&world, "qualified/eve", "unknown-user", why);
    // A signature stays with what it signs: another name, and other words.
    let good = world.git("ann", &["rev-parse", "qualified/CLI-6.0"]).ok();
    let renamed = ["update-ref", "refs/tags/qualified/CLI-7.0", good.trim()];
    world.git("ann", &renamed).ok();
    let why = "calls itself `qualified/CLI-6.0`";
    is_refused(&world, "qualified/CLI-7.0", "release-tag", why);
    let bytes = world.git("ann", &["cat-file", "tag", good.trim()]).ok();
    let bent = bytes.replace("tag qualified/CLI-6.0", "tag qualified/bent");
    world.write("../bent", &bent);
    let write = ["hash-object", "-t", "tag", "-w", "../bent"];
    let made = world.git("ann", &write).ok();
    let put = ["update-ref", "refs/tags/qualified/bent", made.trim()];
    world.git("ann", &put).ok();
    let why = "does not fit what it is to sign";
    is_refused(&world, "qualified/bent", "bad-signature", why);
    // The one that qualify made is taken, and so is one that a user signed by hand.
    let push = ["push", "-q", "origin", "qualified/CLI-6.0"];
    world.git("ann", &push).ok();
    by_hand("qualified/hand", "qa", "qa", "-s");
    let push = ["push", "-q", "origin", "qualified/hand"];
    world.git("qa", &push).ok();
}

#[test]
fn what_was_qualified_is_said_by_a_user_where_nothing_is_signed() {
    let world = verified(|_| ());
    world.qms("ann", &QUALIFY).ok();
    serve(&world);
    let annotated = |user: &'static str| {
        let world = &world;
        move |args: &[&str]| world.git(user, &[&args[..1], &["-a"], &args[1..]].concat())
    };
    again(&world, "qualified/eve", annotated("eve"));
    let why = "`eve <eve@example.com>` is no user of the policy in force";
    is_refused(&world, "qualified/eve", "unknown-user", why);
    again(&world, "qualified/qa", annotated("qa"));
    let push = ["push", "-q", "origin", "qualified/qa", "qualified/CLI-6.0"];
    world.git("ann", &push).ok();
    // Who leaves takes nothing back of what he said before.
    world
        .qms("qb", &["user", "leave", "qa", "--reason", "Gone"])
        .ok();
    world.lands();
    assert_eq!(wrong(&world, "qualified/qa"), Value::Null);
    again(&world, "qualified/late", annotated("qa"));
    let late = wrong(&world, "qualified/late");
    assert_eq!(late, "`qa` has left");
}
