use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

const CONFIG: TokenConfig = TokenConfig {
    max_lifetime_seconds: 900,
    algorithm: TokenAlgorithm::Es256,
    rotation_seconds: 86_400,
};

fn at(unix: i64) -> Timestamp {
    Timestamp::from_unix(unix)
}

fn province() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    init_keys(folder.path(), at(1000)).unwrap();
    folder
}

fn published(store: &KeyStore) -> Vec<String> {
    let set: serde_json::Value = serde_json::from_slice(&store.signers().key_set()).unwrap();
    let kid = |key: &serde_json::Value| key["kid"].as_str().unwrap().to_owned();
    set["keys"].as_array().unwrap().iter().map(kid).collect()
}

#[test]
fn init_keeps_what_is_there() {
    let folder = province();
    let before = fs::read(folder.path().join("keys/challenge.key")).unwrap();
    init_keys(folder.path(), at(2000)).unwrap();
    assert_eq!(fs::read(folder.path().join("keys/challenge.key")).unwrap(), before);
    let store = KeyStore::open(folder.path(), &CONFIG, at(3000)).unwrap();
    assert_eq!(published(&store).len(), 1);
}

#[test]
fn nothing_is_created_by_opening() {
    let folder = tempfile::tempdir().unwrap();
    let error = KeyStore::open(folder.path(), &CONFIG, at(0)).unwrap_err();
    assert!(matches!(error, KeyError::Missing { .. }), "{error}");
    assert!(matches!(ChallengeKey::open(folder.path()).unwrap_err(), KeyError::Missing { .. }));
}

#[test]
fn rights_of_others_are_refused_by_name() {
    for (name, mode) in [("keys", 0o750), ("keys/token", 0o701), ("keys/challenge.key", 0o640)] {
        let folder = province();
        let path = folder.path().join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = match KeyStore::open(folder.path(), &CONFIG, at(2000)) {
            Err(error) => error,
            Ok(_) => ChallengeKey::open(folder.path()).unwrap_err(),
        };
        assert!(error.to_string().contains(&format!("{mode:04o}")), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn keys_rotate_and_survive_reopening() {
    let folder = province();
    let store = KeyStore::open(folder.path(), &CONFIG, at(1000)).unwrap();
    let first = store.signers().current().kid().to_owned();
    store.maintain(at(1000 + 86_400 - 900)).unwrap();
    assert_eq!(published(&store).len(), 2);
    assert_eq!(store.signers().current().kid(), first);

    let reopened = KeyStore::open(folder.path(), &CONFIG, at(1000 + 86_400)).unwrap();
    assert_eq!(published(&reopened), published(&store));
    let second = reopened.signers().current().kid().to_owned();
    assert_ne!(second, first);

    reopened.maintain(at(1000 + 86_400 + 960)).unwrap();
    assert_eq!(published(&reopened), [second]);
    assert!(!folder.path().join(format!("keys/token/{first}.json")).exists());
}

#[test]
fn keys_that_sign_with_sm2_are_made_on_first_need_and_rotate_apart() {
    let folder = province();
    let store = KeyStore::open(folder.path(), &CONFIG, at(1000)).unwrap();
    let default = store.signers().current().kid().to_owned();
    store.maintain(at(1500)).unwrap();
    assert!(store.signers().sm2().is_none() && published(&store) == [default.clone()]);

    let first = store.with_sm2(at(2000)).unwrap().sm2().unwrap().kid().to_owned();
    assert_eq!(store.with_sm2(at(2001)).unwrap().sm2().unwrap().kid(), first);
    assert_eq!(published(&store), [default.clone(), first.clone()]);
    assert_eq!(store.signers().current().kid(), default);

    // The default's next key is due a thousand seconds before SM2's.
    let reopened = KeyStore::open(folder.path(), &CONFIG, at(1000 + 86_400)).unwrap();
    assert_eq!(reopened.signers().sm2().unwrap().kid(), first);
    for after in [-900, 0, 960] {
        reopened.maintain(at(2000 + 86_400 + after)).unwrap();
    }
    let second = reopened.signers().sm2().unwrap().kid().to_owned();
    assert_ne!(second, first);
    assert!(!published(&reopened).contains(&first) && !published(&reopened).contains(&default));
    assert_ne!(reopened.signers().current().kid(), second);
}

#[test]
fn leftovers_go_and_damage_is_named() {
    let folder = province();
    let tokens = folder.path().join("keys/token");
    fs::write(tokens.join("half.json.new"), b"{").unwrap();
    KeyStore::open(folder.path(), &CONFIG, at(1000)).unwrap();
    assert!(!tokens.join("half.json.new").exists());

    fs::write(tokens.join("bad.json"), b"{}").unwrap();
    fs::set_permissions(tokens.join("bad.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let error = KeyStore::open(folder.path(), &CONFIG, at(1000)).unwrap_err();
    assert!(error.to_string().contains("bad.json"), "{error}");
}
