//! What importing the samples must give, row by row, through the command.

use super::machine::{Place, Ran, number, on_both_databases, rows, sample};
use serde_json::Value;
use zhendi_kernel::testing::Backend;

const SCHOOL: &str = "附件4-全校.xls";
const FACULTY: &str = "附件1-信息学院.xls";
const LIBRARY: &str = "附件1-图书馆-有错.xls";

fn import(place: &Place, file: &str, more: &[&str]) -> Ran {
    let path = sample(file);
    let args = ["import", "channels", path.to_str().unwrap(), "--json"];
    place.run(&[&args[..], more].concat())
}

#[track_caller]
fn totals(ran: &Ran, new: i64, changed: i64, same: i64, refused: i64) {
    let totals = &ran.json()["totals"];
    let found = ["new", "changed", "same", "refused"].map(|key| totals[key].as_i64().unwrap());
    assert_eq!(found, [new, changed, same, refused], "{}", ran.out);
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Everything that an import could have changed.
async fn stored(place: &Place) -> Vec<Vec<String>> {
    let db = place.database().await;
    let mut all = vec![];
    for table in [
        "unit",
        "person",
        "channel",
        "channel_person",
        "identity",
        "audit",
        "work_item",
    ] {
        all.push(vec![
            table.into(),
            number(&db, &format!("SELECT COUNT(*) FROM {table}"))
                .await
                .to_string(),
        ]);
    }
    all.extend(rows(&db, "SELECT name, version FROM channel ORDER BY id").await);
    db.close().await.unwrap();
    all
}

async fn the_samples_give_what_is_expected(backend: Backend) {
    let place = Place::new(backend).await;

    // A dry run shows everything and stores nothing, though it creates units.
    let dry = import(&place, SCHOOL, &["--create-units", "--dry-run"]).expect(0);
    totals(&dry, 4, 0, 0, 0);
    assert_eq!(dry.json()["stored"], false);
    let nothing = stored(&place).await;
    assert!(
        nothing.iter().take(5).all(|row| row[1] == "0"),
        "{nothing:?}"
    );

    // Without leave to create units, on an empty database, every row is refused.
    let refused = import(&place, SCHOOL, &[]).expect(1);
    totals(&refused, 0, 0, 0, 4);
    assert_eq!(stored(&place).await, nothing);

    let school = import(&place, SCHOOL, &["--create-units"]).expect(0);
    totals(&school, 4, 0, 0, 0);
    assert_eq!(school.json()["stored"], true);
    let db = place.database().await;
    let found = rows(
        &db,
        "SELECT channel.name, unit.name, platform, opened_on, filing_state, running_state, filed_source
         FROM channel JOIN unit ON unit.id = unit_id ORDER BY opened_on",
    )
    .await;
    let expected = [
        [
            "示例职业技术学院官网",
            "党委宣传部",
            "website",
            "2009-09",
            "filed",
            "live",
            "汇总表导入",
        ],
        [
            "示例职院",
            "党委宣传部",
            "weibo",
            "2012-05-04",
            "filed",
            "live",
            "汇总表导入",
        ],
        [
            "示例职院",
            "党委宣传部",
            "wechat",
            "2016-03-01",
            "filed",
            "live",
            "汇总表导入",
        ],
        [
            "青春示例",
            "团委",
            "douyin",
            "2020-03-01",
            "cancelled",
            "closed",
            "汇总表导入",
        ],
    ];
    assert_eq!(found, expected);
    // The root takes the name of the 认证主体; what was made is to be checked.
    let units = rows(&db, "SELECT name FROM unit WHERE to_check ORDER BY id").await;
    assert_eq!(units, [["示例职业技术学院"], ["党委宣传部"], ["团委"]]);
    let root = rows(&db, "SELECT name FROM unit WHERE parent_id IS NULL").await;
    assert_eq!(root, [["示例职业技术学院"]]);
    // Contacts without a sign-in; nobody twice.
    assert_eq!(number(&db, "SELECT COUNT(*) FROM account").await, 0);
    let twice = rows(
        &db,
        "SELECT name, phone_key FROM person GROUP BY name, phone_key HAVING COUNT(*) > 1",
    )
    .await;
    assert!(twice.is_empty(), "{twice:?}");
    // A phone lies sealed.
    let phones = rows(&db, "SELECT phone FROM person WHERE phone IS NOT NULL").await;
    assert!(
        !phones.is_empty() && phones.iter().all(|row| row[0].starts_with("z1.")),
        "{phones:?}"
    );

    let faculty = import(&place, FACULTY, &["--create-units"]).expect(0);
    totals(&faculty, 5, 0, 0, 0);
    let report = faculty.json();
    let form = &report["forms"][0];
    let second = &form["rows"][1];
    assert_eq!(
        text(&second["offered_address"]),
        "https://xxgc.example.edu.cn"
    );
    let address = rows(
        &db,
        "SELECT address_or_id FROM channel WHERE name = '信息学院官网'",
    )
    .await;
    assert_eq!(address, [[""]], "offered, not taken silently");
    let late = rows(
        &db,
        "SELECT channel.name FROM channel JOIN unit ON unit.id = unit_id
         WHERE unit.name = '信息学院' AND filing_state = 'unfiled' AND running_state = 'live' AND file_by IS NOT NULL",
    )
    .await;
    assert_eq!(late.len(), 5, "live, 待补录备案, with a date: {late:?}");
    let due = number(
        &db,
        "SELECT COUNT(*) FROM work_item WHERE closed_at IS NULL AND kind <> 'unit.check'",
    )
    .await;
    assert_eq!(due, 5, "and somebody's work");
    let unseen = number(
        &db,
        "SELECT COUNT(*) FROM work_item WHERE closed_at IS NULL AND kind = 'unit.check'",
    )
    .await;
    let made = number(&db, "SELECT COUNT(*) FROM unit WHERE to_check").await;
    assert_eq!(
        unseen, made,
        "each unit that a file made is somebody's work"
    );
    let survey = |row: &Value, key: &str| row.get(key).cloned().unwrap_or_default();
    for found in rows(
        &db,
        "SELECT CAST(survey AS TEXT) FROM channel WHERE filing_state = 'unfiled'",
    )
    .await
    {
        let kept: Value = serde_json::from_str(&found[0]).unwrap();
        assert!(!text(&survey(&kept, "problem")).is_empty(), "{kept}");
        for fact in ["rectified", "interactive", "review_system", "outsourced"] {
            assert!(kept.get(fact).is_some(), "{fact} in {kept}");
        }
    }

    let before = stored(&place).await;
    let library = import(&place, LIBRARY, &["--create-units"]).expect(1);
    assert_eq!(library.json()["stored"], false);
    assert_eq!(stored(&place).await, before, "the whole file or nothing");
    the_table_of_faults(&library.json()["forms"][0]["rows"]);
    let in_words = place
        .run(&[
            "import",
            "channels",
            sample(LIBRARY).to_str().unwrap(),
            "--create-units",
        ])
        .expect(1);
    assert!(
        in_words.out.contains("全部没有写入") && in_words.out.contains("--partial"),
        "{}",
        in_words.out
    );

    let partial = import(&place, LIBRARY, &["--create-units", "--partial"]).expect(1);
    totals(&partial, 2, 0, 0, 4);
    assert_eq!(partial.json()["stored"], true);
    let library = rows(
        &db,
        "SELECT channel.name FROM channel JOIN unit ON unit.id = unit_id WHERE unit.name = '图书馆' ORDER BY channel.id",
    )
    .await;
    assert_eq!(library.len(), 2, "rows 1 and 6: {library:?}");
    let first = number(
        &db,
        "SELECT COUNT(*) FROM channel WHERE name = '图书馆微博'",
    )
    .await;
    assert_eq!(first, 1);

    let after = stored(&place).await;
    for (file, new_code, same, refused) in
        [(SCHOOL, 0, 4, 0), (FACULTY, 0, 5, 0), (LIBRARY, 1, 2, 4)]
    {
        let again = import(&place, file, &["--create-units", "--partial"]).expect(new_code);
        totals(&again, 0, 0, same, refused);
    }
    assert_eq!(stored(&place).await, after, "a second run changes nothing");
    place.run(&["verify-audit"]).expect(0);
}
on_both_databases!(the_samples_give_what_is_expected);

/// The table of EXPECTED.md.
fn the_table_of_faults(rows: &Value) {
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 6);
    let verdicts: Vec<&str> = rows.iter().map(|row| text(&row["verdict"])).collect();
    assert_eq!(
        verdicts,
        ["new", "refused", "refused", "refused", "refused", "new"]
    );
    let problem = |row: usize, n: usize| &rows[row - 1]["problems"][n];
    let said = |row: usize, n: usize, key: &str| text(&problem(row, n)[key]).to_owned();
    for row in [1, 6] {
        assert_eq!(rows[row - 1]["problems"], Value::Array(vec![]), "row {row}");
    }
    assert!(said(2, 0, "column").contains("名称"), "{}", problem(2, 0));
    let way_out = said(2, 0, "suggestion");
    assert!(
        way_out.contains("ID") && way_out.contains("理由"),
        "{way_out}"
    );
    assert_eq!(said(3, 0, "column"), "账号（网站）名称");
    assert_eq!(said(3, 0, "value"), "");
    assert_eq!(
        (said(4, 0, "column"), said(4, 0, "value")),
        ("类型".into(), "传呼机".into())
    );
    let platforms = said(4, 0, "suggestion");
    assert!(
        platforms.contains("网站") && platforms.contains("抖音"),
        "{platforms}"
    );
    assert_eq!(
        (said(5, 0, "column"), said(5, 0, "value")),
        ("是否具有互动功能".into(), "也许".into())
    );
    let way_out = said(5, 0, "reason") + &said(5, 0, "suggestion");
    assert!(
        way_out.contains("“是”") && way_out.contains("“否”"),
        "{way_out}"
    );
    assert!(said(5, 1, "column").contains("手机号"), "{}", problem(5, 1));
    assert_eq!(said(5, 1, "value"), "1380013");
    for row in 2..=5 {
        for problem in rows[row - 1]["problems"].as_array().unwrap() {
            assert!(
                problem["cell"].is_string(),
                "row {row} names its cell: {problem}"
            );
            assert!(!text(&problem["reason"]).is_empty());
        }
    }
    let notices = rows[5]["notices"].to_string();
    assert!(
        notices.contains("13800138003"),
        "the number cell is read as a phone: {notices}"
    );
}

async fn units_are_named_before_they_are_made(backend: Backend) {
    let place = Place::new(backend).await;
    import(&place, SCHOOL, &["--create-units"]).expect(0);
    let before = stored(&place).await;

    let unknown = import(&place, FACULTY, &[]).expect(1);
    totals(&unknown, 0, 0, 0, 5);
    // Rows marked 例 and rows empty but for a number are counted, not refused.
    let head = "序号,账号（网站）名称,账号ID,开设单位,认证主体,类型,问题排查情况,是否整改,是否具有互动功能,是否建立内容发布审核制度,是否委托其他单位运营,账号负责人姓名,账号负责人手机号,备注";
    let named =
        "1,校园风,xyf2026,宣传部门,示例职业技术学院,微博,无问题,-,是,是,否,李明,13800138001,";
    let example = "1,示例号,id1,宣传部,示例职业技术学院,微博,无问题,-,是,是,否,李明,13800138001,例";
    let file = place.beside("台账.csv");
    std::fs::write(
        &file,
        format!("{head}\r\n{example}\r\n{named}\r\n2,,,,,,,,,,,,,\r\n"),
    )
    .unwrap();
    let near = place
        .run(&["import", "channels", file.to_str().unwrap(), "--json"])
        .expect(1);
    totals(&near, 0, 0, 0, 1);
    let form = &near.json()["forms"][0];
    assert_eq!(
        (&form["examples"], &form["empty"]),
        (&Value::from(1), &Value::from(1)),
        "{form}"
    );
    let problem = &form["rows"][0]["problems"][0];
    assert!(
        text(&problem["reason"]).contains("没有这个单位"),
        "{problem}"
    );
    let nearest = text(&problem["suggestion"]);
    assert!(
        nearest.contains("最接近") && nearest.contains("党委宣传部"),
        "{problem}"
    );
    assert_eq!(stored(&place).await, before);

    // A unit alone: its own rows go in, others are refused; one that is not there is a wrong use.
    let only = import(&place, SCHOOL, &["--unit", "团委"]).expect(1);
    totals(&only, 0, 0, 1, 3);
    let wrong = import(&place, SCHOOL, &["--unit", "团委会"]).expect(2);
    assert!(
        wrong.err.contains("团委会") && wrong.err.contains("最接近"),
        "{}",
        wrong.err
    );
    assert_eq!(stored(&place).await, before);
}
on_both_databases!(units_are_named_before_they_are_made);

async fn people_come_in_likewise(backend: Backend) {
    let place = Place::new(backend).await;
    let file = place.beside("人员.csv");
    let write = |rows: &str| {
        let head = "单位,单位简称,姓名,工号,用工性质,职务,手机,邮箱,角色\r\n";
        std::fs::write(&file, format!("{head}{rows}")).unwrap();
    };
    let run = |more: &[&str]| {
        let args = ["import", "people", file.to_str().unwrap(), "--json"];
        place.run(&[&args[..], more].concat())
    };
    import(&place, SCHOOL, &["--create-units"]).expect(0);
    let before = stored(&place).await;
    write(
        "党委宣传部,,张三,T1001,在编在岗,干事,13800139001,zhang@example.edu.cn,\r\n不存在的处,,李四,T1002,在编在岗,干事,13800139002,,\r\n",
    );
    let refused = run(&[]).expect(1);
    assert_eq!(refused.json()["stored"], false);
    assert!(refused.out.contains("不存在的处"), "{}", refused.out);
    assert_eq!(stored(&place).await, before, "the whole file or nothing");
    let dry = run(&["--create-units", "--dry-run"]).expect(0);
    assert_eq!(dry.json()["stored"], false);
    assert_eq!(stored(&place).await, before);

    run(&["--partial"]).expect(1);
    let db = place.database().await;
    assert_eq!(
        number(&db, "SELECT COUNT(*) FROM person WHERE name = '张三'").await,
        1
    );
    assert_eq!(
        number(&db, "SELECT COUNT(*) FROM person WHERE name = '李四'").await,
        0
    );
    run(&["--create-units"]).expect(0);
    assert_eq!(
        number(
            &db,
            "SELECT COUNT(*) FROM person WHERE name IN ('张三', '李四')"
        )
        .await,
        2
    );
    let sealed = rows(
        &db,
        "SELECT staff_number, phone, mail FROM person WHERE name = '张三'",
    )
    .await;
    assert!(
        sealed[0].iter().all(|text| text.starts_with("z1.")),
        "{sealed:?}"
    );
    let before = stored(&place).await;
    run(&["--create-units"]).expect(0);
    assert_eq!(stored(&place).await, before, "a second run changes nothing");
    place.run(&["verify-audit"]).expect(0);
}
on_both_databases!(people_come_in_likewise);

#[tokio::test]
async fn wrong_use_says_what_is_wrong() {
    let place = Place::new(Backend::Sqlite).await;
    for args in [
        &["import", "channels"][..],
        &["import", "people"],
        &["import"],
        &["import", "channels", "a.xls", "--no-such-flag"],
        &["no-such-command"],
        &[],
    ] {
        let ran = place.run(args).expect(2);
        assert!(!ran.err.is_empty(), "{args:?}");
    }
    let ran = place.run(&["import", "channels", "没有这个.xls"]).expect(2);
    assert!(ran.err.contains("没有这个.xls"), "{}", ran.err);
    let ran = place
        .run(&["verify-audit", "--checkpoint", "没有.jsonl"])
        .expect(2);
    assert!(ran.err.contains("没有.jsonl"), "{}", ran.err);
    let bad = place.beside("坏.xls");
    for bytes in [&b"MZ\x90\0"[..], b"<html></html>", b"PK\x03\x04torn"] {
        std::fs::write(&bad, bytes).unwrap();
        for kind in ["channels", "people"] {
            let ran = place.run(&["import", kind, bad.to_str().unwrap()]);
            assert!(matches!(ran.code, 1 | 2), "{ran:?}");
            assert!(ran.err.contains("坏.xls"), "{ran:?}");
        }
    }
    let help = place.run(&["import", "channels", "--help"]).expect(0);
    for word in ["--create-units", "--dry-run", "--partial", "--unit", "附件"] {
        assert!(help.out.contains(word), "{word}: {}", help.out);
    }
    // What was printed so far left no trace.
    let ran = place.run(&["--config", "没有.toml", "migrate"]).expect(2);
    assert!(ran.err.contains("没有.toml"), "{}", ran.err);
}
