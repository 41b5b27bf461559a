use super::*;
use proptest::prelude::*;
use std::sync::atomic::{AtomicU8, Ordering};

/// Different bytes at each call, the same in each run.
fn entropy() -> Entropy {
    let next = AtomicU8::new(1);
    Entropy::from_fn(move |buffer| {
        buffer.fill_with(|| next.fetch_add(37, Ordering::Relaxed).wrapping_mul(151));
    })
}

fn in_memory(entropy: &Entropy) -> Keyring {
    let text = format!(
        "k1 {}, index {}",
        base64::engine::general_purpose::STANDARD.encode(entropy.bytes::<32>()),
        base64::engine::general_purpose::STANDARD.encode(entropy.bytes::<32>()),
    );
    let mut config = Config::default();
    config.keys.data = Some(text.into());
    Keyring::open_or_create(&config, entropy).expect("keys")
}

fn within(folder: &std::path::Path) -> Config {
    Config {
        data: folder.to_owned(),
        ..Config::default()
    }
}

proptest! {
    #[test]
    fn what_is_sealed_opens_and_nothing_shows(plain in "\\PC{0,200}") {
        let entropy = entropy();
        let keys = in_memory(&entropy);
        let sealed = keys.seal(&entropy, "person.phone", &plain);
        prop_assert_eq!(keys.open("person.phone", &sealed).unwrap(), plain.clone());
        prop_assert!(keys.open("person.mail", &sealed).is_err());
        prop_assert_ne!(&keys.seal(&entropy, "person.phone", &plain), &sealed);
        prop_assert_eq!(format!("{sealed:?}"), "Sealed");
        prop_assert_eq!(keys.blind("a", &plain), keys.blind("a", &plain));
        prop_assert_ne!(keys.blind("a", &plain), keys.blind("b", &plain));
    }

    #[test]
    fn any_altered_byte_is_noticed(plain in "\\PC{1,60}", at in 0.0..1.0f64, bit in 0..8u8) {
        let entropy = entropy();
        let keys = in_memory(&entropy);
        let sealed = keys.seal(&entropy, "p", &plain);
        let (_, mut bytes) = sealed.parts().unwrap();
        let at = (at * bytes.len() as f64) as usize;
        bytes[at] ^= 1 << bit;
        let forged = Sealed(format!("z1.k1.{}", URL_SAFE_NO_PAD.encode(bytes)));
        prop_assert!(keys.open("p", &forged).is_err());
    }

    #[test]
    fn anything_else_in_the_column_is_an_error_not_a_panic(text in "(z1\\.)?(k1\\.)?\\PC{0,60}") {
        let keys = in_memory(&entropy());
        prop_assert!(keys.open("p", &Sealed(text)).is_err());
    }
}

#[test]
fn the_file_is_private_and_rotation_keeps_old_texts_and_look_ups() {
    let folder = tempfile::tempdir().expect("folder");
    let entropy = entropy();
    let config = within(folder.path());
    let keys = Keyring::open_or_create(&config, &entropy).expect("made");
    let other = Keyring::open_or_create(&config, &entropy).expect("read");
    let file = folder.path().join("keys/data.keys");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let (old, blind) = (keys.seal(&entropy, "p", "甲"), keys.blind("p", "甲"));
    let before = keys.newest();
    let id = keys.rotate(&entropy).expect("rotated");
    assert_ne!(id, before);
    let new = keys.seal(&entropy, "p", "乙");
    assert!(new.0.starts_with(&format!("z1.{id}.")));
    for keys in [&keys, &other] {
        assert_eq!(keys.open("p", &old).expect("old key kept"), "甲");
        assert_eq!(keys.open("p", &new).expect("new key, also where it was not known"), "乙");
        assert_eq!(keys.blind("p", "甲"), blind);
    }
    assert_eq!(std::fs::read_dir(folder.path().join("keys")).expect("folder").count(), 1, "no drafts left");
}

#[test]
fn a_missing_or_wrong_key_is_named_and_the_content_is_not() {
    let entropy = entropy();
    let folder = tempfile::tempdir().expect("folder");
    let keys = Keyring::open_or_create(&within(folder.path()), &entropy).expect("made");
    let sealed = keys.seal(&entropy, "person.phone", "13800138000");
    let error = |keys: &Keyring| match keys.open("person.phone", &sealed) {
        Err(Fault::Internal(cause)) => cause.to_string(),
        other => panic!("{other:?}"),
    };
    let stranger = in_memory(&entropy);
    assert!(error(&stranger).contains(&keys.newest()));
    let file = folder.path().join("keys/data.keys");
    let text = std::fs::read_to_string(&file).expect("read");
    let forged = text.replacen(&format!("{} ", keys.newest()), "", 1);
    assert!(matches!(Ring::parse("x", &forged), Err(KeyError::Format(_, 1))));
    for (text, fits) in [("", false), ("k1 abc", false), ("index only", false), (&text, true)] {
        assert_eq!(Ring::parse("x", text).is_ok(), fits, "{text}");
    }
    assert!(matches!(stranger.rotate(&entropy), Err(KeyError::Given)));
}
