use super::{read::known_keys, *};

fn load(file: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut reader = read::Reader::default();
    reader.file("zhendi.toml", file);
    reader.variables(env.iter().map(|(k, v)| ((*k).into(), (*v).into())));
    reader.finish()
}

fn refused(file: &str, env: &[(&str, &str)]) -> Vec<String> {
    load(file, env).expect_err("must be refused").0
}

#[test]
fn nothing_at_all_is_a_configuration() {
    assert_eq!(load("", &[]), Ok(Config::default()));
}

#[test]
fn the_example_shows_every_key_and_is_right() {
    let example = include_str!("../../../../docs/zhendi.example.toml");
    // The lines that an operator would uncomment start with `# key =` or `# [group]`.
    let live: String = example
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest)
                if rest.starts_with('[')
                    || rest.split_once(" = ").is_some_and(|(key, _)| {
                        key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                    }) =>
            {
                format!("{rest}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let config = load(&live, &[]).expect("the example is right");
    assert!(config.tls.is_some() && config.mail.is_some());
    let table: toml::Table = live.parse().expect("TOML");
    for key in known_keys() {
        let mut value = Some(&table);
        let (groups, last) = key.rsplit_once('.').unwrap_or(("", key));
        for group in groups.split('.').filter(|group| !group.is_empty()) {
            value = value
                .and_then(|table| table.get(group))
                .and_then(|inner| inner.as_table());
        }
        assert!(
            value.is_some_and(|table| table.contains_key(last)),
            "{key} is not in the example"
        );
    }
    assert_eq!(
        load(example, &[]),
        Ok(Config::default()),
        "as delivered it changes nothing"
    );
}

#[test]
fn variables_win_over_the_file() {
    let config = load(
        "listen = \"127.0.0.1:1\"\n[mail]\nhost = \"a\"\nfrom = \"z@a.cn\"\n",
        &[
            ("ZHENDI_LISTEN", "0.0.0.0:80"),
            ("ZHENDI_MAIL_PORT", "2525"),
            ("ZHENDI_TRUSTED_PROXIES", "10.0.0.0/8, 192.168.1.7"),
            ("ZHENDI_SERVICE_HOST", "someone else's"),
        ],
    )
    .expect("right");
    assert_eq!(config.listen, "0.0.0.0:80".parse().unwrap());
    assert_eq!(config.mail.map(|mail| mail.port), Some(2525));
    assert_eq!(
        config.trusted_proxies,
        [
            "10.0.0.0/8".parse().unwrap(),
            "192.168.1.7/32".parse().unwrap()
        ]
    );
}

#[test]
fn wrong_values_are_named_with_their_line() {
    assert_eq!(
        refused(
            "\nlisten = 8080\nlog.level = \"loud\"\n",
            &[("ZHENDI_MAIL_PORT", "70000")]
        ),
        [
            "zhendi.toml:2: listen: 这里写了数字（应为IP 地址和端口，如 127.0.0.1:8080）",
            "zhendi.toml:3: log.level: 写法不对（应为\"error\"、\"warn\"、\"info\"、\"debug\" 或 \"trace\"）",
            "环境变量 ZHENDI_MAIL_PORT: mail.port: 不是可用的端口号（应为1 到 65535 之间的整数）",
            "环境变量 ZHENDI_MAIL_PORT: mail.host: 要发邮件必须写明邮件服务器",
        ]
    );
    for (file, start) in [
        ("public_url = \"zhendi.cn\"", "zhendi.toml:1: public_url: "),
        (
            "public_url = \"https://a.cn/sub\"",
            "zhendi.toml:1: public_url: 含有路径",
        ),
        ("database = \"mysql://a\"", "zhendi.toml:1: database: "),
        (
            "trusted_proxies = [\"10.0.0.0/33\"]",
            "zhendi.toml:1: trusted_proxies: “10.0.0.0/33”",
        ),
        (
            "trusted_proxies = [1]",
            "zhendi.toml:1: trusted_proxies: 不是列表",
        ),
        ("data = \"\"", "zhendi.toml:1: data: 内容为空"),
        ("[tls]\ncert = \"a.pem\"", "zhendi.toml:2: tls.key: "),
        (
            "[mail]\nhost = \"a\"\nfrom = \"nobody\"",
            "zhendi.toml:3: mail.from: ",
        ),
        ("[mail]\nhost = \"a\"", "zhendi.toml:2: mail.from: "),
        ("mail = 1", "zhendi.toml:1: mail: 没有这个配置项"),
        ("a = 1\na = 2", "zhendi.toml:2: 不是正确的 TOML 写法"),
        ("listen = ", "zhendi.toml:1: 不是正确的 TOML 写法"),
    ] {
        let errors = refused(file, &[]);
        assert!(errors[0].starts_with(start), "{file}: {errors:?}");
    }
}

#[test]
fn a_slip_of_the_pen_names_what_was_meant() {
    assert_eq!(
        refused("publik_url = \"https://a.cn\"\n", &[("ZHENDI_LISTN", "x")]),
        [
            "zhendi.toml:1: publik_url: 没有这个配置项（最接近的是 public_url）",
            "环境变量 ZHENDI_LISTN: 没有这个配置项（最接近的是 ZHENDI_LISTEN）",
        ]
    );
}

#[test]
fn secrets_are_not_printed() {
    let config = load(
        "database = \"postgres://u:geheim@h/d\"",
        &[
            ("ZHENDI_MAIL_HOST", "m"),
            ("ZHENDI_MAIL_FROM", "a@b.cn"),
            ("ZHENDI_MAIL_USER", "u"),
            ("ZHENDI_MAIL_PASSWORD", "geheim"),
            ("ZHENDI_DATA_KEYS", "geheim"),
            ("ZHENDI_AUDIT_KEY", "geheim"),
        ],
    )
    .expect("right");
    assert!(!format!("{config:?}").contains("geheim"));
}

#[test]
fn object_storage_needs_its_keys_and_shows_none() {
    let env = [
        ("ZHENDI_FILES_STORE", "s3://zhendi/files"),
        ("ZHENDI_S3_ENDPOINT", "http://127.0.0.1:9000"),
        ("ZHENDI_S3_KEY_ID", "AKIA"),
        ("ZHENDI_S3_SECRET", "geheim"),
    ];
    let config = load("", &env).expect("right");
    assert_eq!(
        config.files,
        Some(Bucket {
            name: "zhendi".into(),
            prefix: "files".into()
        })
    );
    assert!(config.s3.as_ref().is_some_and(|s3| s3.in_path));
    assert!(!format!("{config:?}").contains("geheim"));
    let said = refused("", &env[..1]);
    assert!(said[0].contains("s3.key_id"), "{said:?}");
    let said = refused("", &env[..3]);
    assert!(said[0].contains("s3.secret"), "{said:?}");
    for wrong in ["/folder", "s3://", "s3://a/../b", "s3://a/b//c", "s3://a b"] {
        let said = refused("", &[("ZHENDI_FILES_STORE", wrong)]);
        assert!(said[0].contains("files.store"), "{wrong}: {said:?}");
    }
}
