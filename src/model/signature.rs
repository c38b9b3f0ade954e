//! SSH signatures of commits: which key made one, or why it is none. Nothing is believed but the signature, the bytes
//! that it signs, and mathematics. Source: model.md "Identity"; OpenSSH's PROTOCOL.sshsig.

use ssh_key::public::KeyData;
use ssh_key::{Algorithm, PublicKey, SshSig};

use super::change::Signature;

/// What git signs commits and tags as; a signature made for anything else proves nothing here.
pub const NAMESPACE: &str = "git";

/// The most that a signature's armor may be, in bytes; the largest RSA key needs 3 KB.
const LIMIT: usize = 16 * 1024;

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";

/// The key that made a signature, or why nobody did.
pub fn signer(signature: &Signature) -> Result<KeyData, String> {
    let read = armored(&signature.armor)?;
    if read.version() != SshSig::VERSION || !read.reserved().is_empty() {
        return Err("it is of a version that is not known".to_owned());
    }
    if read.namespace() != NAMESPACE {
        return Err(format!(
            "it was made for `{}`, expected `{NAMESPACE}`",
            read.namespace().escape_debug()
        ));
    }
    let key = read.public_key();
    if !fits(&key.algorithm(), &read.algorithm()) {
        return Err(format!(
            "its key is {}, the signature {}",
            key.algorithm(),
            read.algorithm()
        ));
    }
    PublicKey::from(key.clone())
        .verify(NAMESPACE, &signature.payload, &read)
        .map_err(|_| "it does not fit what it is to sign".to_owned())?;
    Ok(key.clone())
}

/// Whether a signature's algorithm is the one of its key; of RSA any with a hash that is not broken.
fn fits(key: &Algorithm, signature: &Algorithm) -> bool {
    match (key, signature) {
        (Algorithm::Rsa { .. }, Algorithm::Rsa { hash }) => hash.is_some(),
        (key, signature) => key == signature,
    }
}

/// Reads the armor strictly: the two lines, base64 between them, and nothing before or after.
fn armored(armor: &[u8]) -> Result<SshSig, String> {
    if armor.len() > LIMIT {
        return Err(format!(
            "it is {} bytes, more than the {LIMIT} that are read",
            armor.len()
        ));
    }
    let text = str::from_utf8(armor).unwrap_or_default();
    let text = text.strip_suffix('\n').unwrap_or(text);
    let body = text
        .strip_prefix(BEGIN)
        .and_then(|t| t.strip_prefix('\n'))
        .and_then(|t| t.strip_suffix(END))
        .and_then(|t| t.strip_suffix('\n'));
    let Some(body) = body else {
        return Err("it is no SSH signature".to_owned());
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"+/=".contains(&b);
    if !body.lines().all(|l| !l.is_empty() && l.bytes().all(plain)) {
        return Err("its lines are not base64".to_owned());
    }
    // Programs differ in how long they make the lines; the reader wants those of OpenSSH.
    let joined: Vec<u8> = body.bytes().filter(|b| *b != b'\n').collect();
    let mut pem = format!("{BEGIN}\n");
    for line in joined.chunks(70) {
        pem.push_str(str::from_utf8(line).unwrap_or_default());
        pem.push('\n');
    }
    pem.push_str(END);
    pem.push('\n');
    SshSig::from_pem(pem).map_err(|_| "its inside is no SSH signature".to_owned())
}

#[cfg(test)]
pub mod tests {
    use super::super::key;
    use super::*;

    pub const DEV: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH5nxe4oR32Drnxw+GCLxYjrxN8v/DThY9YbM+SVP25o dev@x";
    const PAYLOAD: &[u8] = b"tree x\n\nSubject\n";
    const BY_DEV: &str = "-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgfmfF7ihHfYOufHD4YIvFiOvE3y
/8NOFj1hsz5JU/bmgAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5
AAAAQBWz4itMFgDY3vbznI8/5kaqJVqX6fhuuTSuyZjj9672UcC3t5dga+9RnjWpoT7K+p
PthV627COM9aAUbLmSOQA=
-----END SSH SIGNATURE-----";
    const FOR_FILES: &str = "-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgfmfF7ihHfYOufHD4YIvFiOvE3y
/8NOFj1hsz5JU/bmgAAAAEZmlsZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUx
OQAAAEADdy7geN8raLfH/oa5kZghvApSb1NgEaafmApi1Zrt327v240WPbSngtV+WpSpwW
yUVln1b8O4bFhJbNWUoVEJ
-----END SSH SIGNATURE-----";
    const ON_P256: &str = "-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE
EEz3u7EXVSDlQG+tq/GzTPFICLm+B0DOT3fLMaoiih2NpvPRFLVK+uNtDkPRE7lZsosbJe
jJy6Qk++I9fL1R/w3QAAAANnaXQAAAAAAAAABnNoYTUxMgAAAGQAAAATZWNkc2Etc2hhMi
1uaXN0cDI1NgAAAEkAAAAhAMk5AkVhWyy0zO4wTGY9uf385BvlfNzeoLFcbIuPCpqRAAAA
IDw0xicO1LamVP9OvhikXgiCwCfVS6n9ncCI3pyHgC/g
-----END SSH SIGNATURE-----";
    const ON_P384: &str = "-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAIgAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAAhuaXN0cDM4NAAAAG
EEJKflIdB4hlsGRLUbYSdG3qqix8y9uhkpKEwJOx4VFZWLvBk7u7ulLj/Aqmih44AWnL7y
2dJJjjWHfRjSA+OsT7mJ/Gp4lkdt39Q8N9r4kNjn9uKKCunEqJYwoU1ygYH6AAAAA2dpdA
AAAAAAAAAGc2hhNTEyAAAAhQAAABNlY2RzYS1zaGEyLW5pc3RwMzg0AAAAagAAADEAoMmF
OPruATW5mppj4g/ixY+knaq5R7wFCiF77xc8Naud4LG9g+oTd1Rs5bniKr6RAAAAMQCqYQ
lKH5l/vtGscnzhZ6N1WpqR5VmIxAMTxJ7TfliMpwunU0pFZ+YDVbzvklbPiag=
-----END SSH SIGNATURE-----";
    const ON_RSA: &str = "-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBANr59dmSfRcSZ9CucERzqd
FUOMCIJiSZCXwbfpnEleg/Np5XwoiIRLYpee5VIKCtfThz3MTUUg2w4sYAv7iILhv2Rfcu
3zczkEI1wygJcvOH0o9Snldlagrml6+nKRJFlxvHVhKVXVI1AuYBAx/0Th+2GTEm+4tBDm
0g+rifXd9myTbPMDrRrV3+ymCb9MdkVfG2NysA2BcihjFwgq4vYjU5mUNgXVOhK0nlCSWA
JpMLd8KQUWtHvXm9m3f/CZceKSEJTYJutl9M0v33pHLWIMBi+Fb2gaaLXvfjrZA+KVttWk
74sO1cED/zDeyrbY2glieXA6QrkYD95/x/m0YLfLEAAAADZ2l0AAAAAAAAAAZzaGE1MTIA
AAEUAAAADHJzYS1zaGEyLTUxMgAAAQCMkQBKye9+hniKLC4Cj7iEUQlQSRE0WhA++w0/XT
7F8BhZskIWr0wre9nzGA6pEVl/y6zvSJnJFu7NBBB1MObfLCAcElcMsDVNMdv7Df7Zu+ul
n9DhWl78zqnae0OCmn2mxoJOqX+ZhgXtp/YlfgtjSAer1rwmX0nHGvlwmMKkq3URLlNE33
Mk7MaPx9aUblT0XXgY+2fCabj4uzwBm41IjBq44BSdOkaTSigI7yXat5fV5Wi+vqM9imtr
Epuw55s68FoypREPELzWUtmf7N4FGNxC7RTdiYxpl7aAtrKnSv7SA3HcTdaTsV+7rgVKtZ
rkdAQN0IbJVMUVS/O3i9F3
-----END SSH SIGNATURE-----";
    const ON_A_SECURITY_KEY: &str = "-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAAEoAAAAac2stc3NoLWVkMjU1MTlAb3BlbnNzaC5jb20AAAAg+MXV3g
hx56jBzvjbZNzBOV1iqLc9h9l1lDhryJmO7OEAAAAEc3NoOgAAAANnaXQAAAAAAAAABnNo
YTUxMgAAAGcAAAAac2stc3NoLWVkMjU1MTlAb3BlbnNzaC5jb20AAABAO7+dljA7tFnyzU
mTA1E68fFwzvcQxNPEMWI840pJxPHgpwSdJ1hg7f9bhUtOVyJxm3a63LDZDYTG4fFKQRL/
AAEAAAAH
-----END SSH SIGNATURE-----";

    fn of(armor: &str, payload: &[u8]) -> Result<KeyData, String> {
        signer(&Signature {
            armor: armor.as_bytes().to_vec(),
            payload: payload.to_vec(),
        })
    }

    #[test]
    fn a_signature_names_its_key() {
        assert_eq!(of(BY_DEV, PAYLOAD), key::parse(DEV));
        let rewrapped = BY_DEV.replacen("AAAAQ", "AAAA\nQ", 1);
        assert_eq!(of(&rewrapped, PAYLOAD), key::parse(DEV));
        for other in [ON_P256, ON_P384, ON_RSA, ON_A_SECURITY_KEY] {
            assert!(of(other, PAYLOAD).is_ok());
            assert!(of(other, b"tree y\n\nSubject\n").is_err());
        }
    }

    #[test]
    fn what_is_no_good_signature_says_why() {
        let why = |armor: &str| of(armor, PAYLOAD).expect_err("refused");
        assert!(of(BY_DEV, b"tree y\n\nSubject\n").is_err_and(|w| w.contains("does not fit")));
        assert!(why(FOR_FILES).contains("made for `file`"));
        assert!(
            why("-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----").contains("no SSH")
        );
        assert!(why(&format!("x\n{BY_DEV}")).contains("no SSH"));
        assert!(why(&format!("{BY_DEV}\n{BY_DEV}")).contains("not base64"));
        assert!(why(&BY_DEV.replace("\nAAAAQ", "\n AAAAQ")).contains("not base64"));
        assert!(why(&BY_DEV.replace("\nAAAAQ", "\n\nAAAAQ")).contains("not base64"));
        assert!(why(&BY_DEV.replace("\nAAAAQ", "\nAAAAQAAA")).contains("inside"));
        assert!(why(&BY_DEV.replace("U1NIU0lHAAAAAQ", "U1NIU0lHAAAAAA")).contains("version"));
        assert!(why(&BY_DEV.replace("U1NIU0lH", "U1NIU0lI")).contains("inside"));
        assert!(why(&format!("{BEGIN}\n{}\n{END}", "A".repeat(LIMIT))).contains("more than"));
        // Another bit of the signature itself, and the key of somebody else above it.
        assert!(why(&BY_DEV.replace("QBWz", "QBWy")).contains("does not fit"));
        assert!(why(&BY_DEV.replace("fmfF", "fmfG")).contains("does not fit"));
    }
}
