use super::*;
use crate::{on_both_databases, testing::TestApp};
use proptest::prelude::*;
use sea_orm::{ConnectionTrait, sea_query::Query};
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
        let mode = std::fs::metadata(&file)
            .expect("there")
            .permissions()
            .mode();
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
        assert_eq!(
            keys.open("p", &new)
                .expect("new key, also where it was not known"),
            "乙"
        );
        assert_eq!(keys.blind("p", "甲"), blind);
    }
    assert_eq!(
        std::fs::read_dir(folder.path().join("keys"))
            .expect("folder")
            .count(),
        1,
        "no drafts left"
    );
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
    assert!(matches!(
        Ring::parse("x", &forged),
        Err(KeyError::Format(_, 1))
    ));
    for (text, fits) in [
        ("", false),
        ("k1 abc", false),
        ("index only", false),
        (&text, true),
    ] {
        assert_eq!(Ring::parse("x", text).is_ok(), fits, "{text}");
    }
    assert!(matches!(stranger.rotate(&entropy), Err(KeyError::Given)));
}

const THINGS: SealedColumn = SealedColumn {
    table: "thing",
    key: "id",
    column: "body",
    purpose: "thing.body",
};

async fn after_a_rotation_everything_is_sealed_anew(app: TestApp) {
    let db = app.db.writer();
    let ddl = "CREATE TABLE thing (id bigint PRIMARY KEY, body varchar)";
    db.execute_unprepared(ddl).await.expect("a table");
    for id in 0..450 {
        let sealed = app
            .keys
            .seal(&app.entropy, THINGS.purpose, &format!("密文 {id}"));
        let insert = Query::insert()
            .into_table("thing")
            .columns(["id", "body"])
            .values_panic([id.into(), (id != 7).then_some(sealed.0).into()])
            .to_owned();
        db.execute(&insert).await.expect("a row");
    }
    assert_eq!(reseal(&app, &[THINGS]).await.expect("nothing to do"), 0);
    let id = app.keys.rotate(&app.entropy).expect("rotated");
    assert_eq!(reseal(&app, &[THINGS]).await.expect("resealed"), 449);
    assert_eq!(reseal(&app, &[THINGS]).await.expect("done already"), 0);
    let select = Query::select()
        .columns(["id", "body"])
        .from("thing")
        .to_owned();
    for row in db.query_all(&select).await.expect("rows") {
        let number: i64 = row.try_get_by_index(0).expect("id");
        let Some(body) = row.try_get_by_index::<Option<String>>(1).expect("body") else {
            continue;
        };
        assert!(body.starts_with(&Sealed::prefix(&id)));
        let plain = app.keys.open(THINGS.purpose, &Sealed(body)).expect("opens");
        assert_eq!(plain, format!("密文 {number}"));
    }
}
on_both_databases!(
    after_a_rotation_everything_is_sealed_anew,
    crate::testing::Setup::default
);
