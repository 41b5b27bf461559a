//! Writing, saving at once with others, versions, who sees what, copies.

use super::{
    super::{
        Content, Lack, Layout, Manuscript, Origin, Save, Saved, begin, copy, discard, file_address,
        files::keep,
        freeze, hash, is_visible, lacks, latest, load, open_for, plain, save,
        service::Said,
        store::{self, Query},
        versions,
    },
    files::picture,
};
use crate::{
    course::{self, Submitting},
    ids::ManuscriptId,
    manuscript::{Draft, Rights},
    testing::{School, TEXT, content},
};
use axum::http::header;
use zhendi_kernel::{Fault, PersonId, on_both_databases, testing::TestApp};

pub async fn read(school: &School, id: ManuscriptId) -> Manuscript {
    load(school.db.read(), id).await.unwrap()
}

/// What a manuscript says now, as its writer would send it again.
fn again(of: &Manuscript) -> Draft {
    let content = of.content.clone();
    Draft {
        title: content.title,
        html: content.html,
        layout: content.layout,
        link: content.link,
        channels: content.channels,
        category: content.category,
        origin: content.origin,
        source: content.source,
        source_link: content.source_link,
        source_title: content.source_title,
        names: content.names,
        cover: content.cover,
        coauthors: of.coauthors.clone(),
        said: vec![],
    }
}

async fn two_who_write_at_once_lose_nothing(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    let (author, other) = (
        school.acting(school.author).await,
        school.acting(school.editor).await,
    );
    // A co-author writes too; until then the draft does not exist for them.
    assert!(matches!(
        open_for(school.db.read(), &other, id).await,
        Err(Fault::NotFound)
    ));
    let before = read(&school, id).await;
    let with = Draft {
        coauthors: vec![school.editor, school.author],
        ..again(&before)
    };
    let Saved::Done(with) = save(&school, &author, id, Save::Over(1), with)
        .await
        .unwrap()
    else {
        panic!("nobody else was there");
    };
    assert_eq!(
        (with.revision, with.coauthors.as_slice()),
        (2, [school.editor].as_slice())
    );

    let mine = Draft {
        html: "<p>我写的。</p>".into(),
        ..again(&with)
    };
    let theirs = Draft {
        html: "<p>对方写的。</p>".into(),
        ..again(&with)
    };
    assert!(matches!(
        save(&school, &other, id, Save::Over(2), theirs)
            .await
            .unwrap(),
        Saved::Done(_)
    ));
    let clash = save(&school, &author, id, Save::Over(2), mine.clone())
        .await
        .unwrap();
    let Saved::Conflict { revision, by, .. } = clash else {
        panic!("the later one was not told");
    };
    assert_eq!((revision, by), (3, school.editor));
    assert_eq!(read(&school, id).await.content.html, "<p>对方写的。</p>");

    // The writer chooses; what was there is put aside.
    assert!(matches!(
        save(&school, &author, id, Save::Instead(2), mine.clone())
            .await
            .unwrap(),
        Saved::Conflict { .. }
    ));
    assert!(matches!(
        save(&school, &author, id, Save::Instead(3), mine)
            .await
            .unwrap(),
        Saved::Done(_)
    ));
    let aside = store::aside(school.db.read(), id).await.unwrap();
    assert_eq!(aside.len(), 1);
    assert_eq!(
        (aside[0].html.as_str(), aside[0].saved_by),
        ("<p>对方写的。</p>", school.editor)
    );
    assert_eq!(read(&school, id).await.content.html, "<p>我写的。</p>");

    // Somebody who does not write it is told nothing, not even that it is there.
    let head = school.acting(school.head).await;
    let draft = again(&read(&school, id).await);
    assert!(matches!(
        save(&school, &head, id, Save::Over(4), draft).await,
        Err(Fault::NotFound)
    ));
}
on_both_databases!(two_who_write_at_once_lose_nothing, crate::testing::setup);

async fn a_version_is_what_was_handed_in(app: TestApp) {
    let school = School::new(app).await;
    let author = school.acting(school.author).await;
    let id = school.draft("消防演练通知", TEXT).await;
    let shown = keep(&school, &author, id, picture("会场.png"))
        .await
        .unwrap();
    let unused = keep(&school, &author, id, picture("没用上.png"))
        .await
        .unwrap();
    let html = format!(
        "{TEXT}<p><img src=\"{}\" alt=\"别的话\"></p>",
        file_address(id, shown.id)
    );
    school.rewrite(id, "消防演练通知", &html).await;

    let frozen = async || {
        let tx = school.db.begin().await.unwrap();
        let version = freeze(&tx, &school, id, &author).await.unwrap();
        tx.commit().await.unwrap();
        version
    };
    let first = frozen().await;
    assert_eq!((first.number, first.made_by), (1, school.author));
    assert!(
        first.content.html.contains("alt=\"会场全景\""),
        "{}",
        first.content.html
    );
    assert_eq!(
        first
            .content
            .files
            .iter()
            .map(|one| one.id)
            .collect::<Vec<_>>(),
        [shown.id]
    );
    assert!(!first.content.files.iter().any(|one| one.id == unused.id));
    assert_eq!(first.text, plain(&first.content.html));
    assert_eq!(first.hash, hash(&first.content));
    // The same content is the same version.
    assert_eq!(frozen().await.id, first.id);

    // Everything that a reader or a reviewer goes by is part of the hash.
    type Change = fn(&mut Content);
    let changes: [Change; 12] = [
        |c| c.title.push('！'),
        |c| c.html.push_str("<p>又及</p>"),
        |c| c.channels.reverse(),
        |c| c.channels.clear(),
        |c| c.layout = Layout::Picture,
        |c| c.link = "https://x.example".into(),
        |c| c.category = "重大决策".into(),
        |c| c.origin = Origin::Reprint,
        |c| c.names = "文/张敏".into(),
        |c| c.files[0].hash = "0".repeat(64),
        |c| c.files[0].credit = "图/李强".into(),
        |c| c.cover = Some(c.files[0].id),
    ];
    let mut content = first.content.clone();
    content.channels.push(school.official);
    let base = hash(&content);
    for (nth, change) in changes.into_iter().enumerate() {
        let mut other = content.clone();
        change(&mut other);
        assert_ne!(hash(&other), base, "change {nth}");
    }
    // Where a file is kept is not.
    let mut moved = content.clone();
    moved.html = moved
        .html
        .replace(&file_address(id, shown.id), &file_address(id, 9_999));
    moved.files[0].id = 9_999;
    assert_eq!(hash(&moved), base);

    school.rewrite(id, "消防演练通知（改）", &html).await;
    let second = frozen().await;
    assert_eq!(second.number, 2);
    let all = versions(school.db.read(), id).await.unwrap();
    assert_eq!(all, [first.clone(), second.clone()]);
    assert_eq!(
        latest(school.db.read(), id).await.unwrap(),
        Some(second.clone())
    );
    assert_eq!(read(&school, id).await.version, Some(second.id));

    // What was handed in stays: a draft that was is not deleted.
    assert!(matches!(
        discard(&school, &author, id).await,
        Err(Fault::Refused(_))
    ));
}
on_both_databases!(a_version_is_what_was_handed_in, crate::testing::setup);

async fn what_is_not_complete_is_not_handed_in(app: TestApp) {
    let school = School::new(app).await;
    let author = school.acting(school.author).await;
    let of = begin(&school, &author, school.college, Draft::titled(""))
        .await
        .unwrap();
    let refused = async |id| {
        let tx = school.db.begin().await.unwrap();
        let refused = freeze(&tx, &school, id, &author).await;
        tx.rollback().await.unwrap();
        match refused {
            Err(Fault::Refused(why)) => why,
            other => panic!("{other:?}"),
        }
    };
    let why = refused(of.id).await;
    for part in ["标题", "正文", "网络阵地", "类别"] {
        assert!(why.contains(part), "{part} is not in {why}");
    }
    let reprint = Draft {
        origin: Origin::Reprint,
        html: "<p>甲</p><p><img src=\"https://elsewhere.example/a.png\"></p>".into(),
        ..content(school.channel, "转载一则", "")
    };
    let of = begin(&school, &author, school.college, reprint)
        .await
        .unwrap();
    let found = lacks(&of.content, &plain(&of.content.html));
    assert_eq!(
        found,
        [
            Lack::Source,
            Lack::SourceLink,
            Lack::SourceTitle,
            Lack::Outside(1)
        ]
    );
    assert!(refused(of.id).await.contains("原文标题"));
    // Pictures without what they show, or without a right to them.
    let id = school.draft("开放日", TEXT).await;
    let mut new = picture("甲.png");
    (new.alt, new.rights) = (String::new(), None);
    let file = keep(&school, &author, id, new).await.unwrap();
    let html = format!("<p>甲<img src=\"{}\"></p>", file_address(id, file.id));
    school.rewrite(id, "开放日", &html).await;
    let why = refused(id).await;
    assert!(why.contains("替代文字") && why.contains("版权"), "{why}");
    let before = read(&school, id).await;
    let said = Said {
        file: file.id,
        alt: "校门".into(),
        rights: Some(Rights::Own),
        credit: String::new(),
    };
    let draft = Draft {
        said: vec![said],
        ..again(&before)
    };
    let saved = save(&school, &author, id, Save::Over(before.revision), draft)
        .await
        .unwrap();
    let Saved::Done(of) = saved else {
        panic!("nobody else was there")
    };
    assert!(of.content.html.contains("alt=\"校门\""));
    assert!(lacks(&of.content, "甲").is_empty());
}
on_both_databases!(what_is_not_complete_is_not_handed_in, crate::testing::setup);

async fn who_sees_what(app: TestApp) {
    let school = School::new(app).await;
    let id = school.draft("消防演练通知", TEXT).await;
    let sees = async |who: PersonId| {
        let actor = school.acting(who).await;
        let of = read(&school, id).await;
        let by_law = is_visible(school.db.read(), &actor, &of).await.unwrap();
        let query = Query {
            page: 1,
            per_page: 10,
            ..Query::default()
        };
        let (listed, _) = store::list(school.db.read(), &actor, &query).await.unwrap();
        assert_eq!(
            by_law,
            listed.iter().any(|line| line.id == id),
            "list and law differ"
        );
        let page = school
            .client(&actor)
            .get(&format!("/manuscripts/{id}"))
            .await;
        assert_eq!(
            by_law,
            page.status.as_u16() == 200,
            "page and law differ: {}",
            page.status
        );
        by_law
    };
    assert!(sees(school.author).await);
    for other in [
        school.admin,
        school.head,
        school.chief,
        school.leader,
        school.editor,
    ] {
        assert!(!sees(other).await, "a draft is its writers' alone");
    }
    let author = school.acting(school.author).await;
    Box::pin(course::submit(&school, &author, id, Submitting::default()))
        .await
        .unwrap();
    for who in [
        school.author,
        school.admin,
        school.head,
        school.chief,
        school.leader,
    ] {
        assert!(sees(who).await);
    }
    assert!(!sees(school.editor).await, "another channel's admin");

    // Reviewers see what was handed in, not what is being written; nobody writes while it is reviewed.
    let admin = school.client(&school.acting(school.admin).await);
    let page = admin
        .get(&format!("/manuscripts/{id}"))
        .await
        .expect(200)
        .text();
    assert!(page.contains("消防演练") && page.contains("现在由") && page.contains("初审"));
    admin
        .get(&format!("/manuscripts/{id}/edit"))
        .await
        .expect(403);
    admin
        .get(&format!("/manuscripts/{id}/frame"))
        .await
        .expect(404);
    school
        .client(&author)
        .get(&format!("/manuscripts/{id}/edit"))
        .await
        .expect(409);
    let version = latest(school.db.read(), id).await.unwrap().unwrap();
    let frame = admin.get(&version.frame()).await.expect(200);
    let policy = frame.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("sandbox")
            && !policy.contains("allow-scripts")
    );
    admin
        .get(&format!("/manuscripts/{id}/versions/1"))
        .await
        .expect(200);
    admin
        .get(&format!("/manuscripts/{id}/versions/2"))
        .await
        .expect(404);
    let editor = school.client(&school.acting(school.editor).await);
    editor.get(&version.frame()).await.expect(404);
    editor
        .get(&format!("/manuscripts/{id}/versions/1"))
        .await
        .expect(404);
}
on_both_databases!(who_sees_what, crate::testing::setup);

async fn copies_are_their_makers_own(app: TestApp) {
    let school = School::new(app).await;
    let author = school.acting(school.author).await;
    let id = school.draft("开放日", TEXT).await;
    let file = keep(&school, &author, id, picture("校门.png"))
        .await
        .unwrap();
    let html = format!(
        "{TEXT}<p><img src=\"{}\" alt=\"会场全景\"></p>",
        file_address(id, file.id)
    );
    school.rewrite(id, "开放日", &html).await;
    let head = school.acting(school.head).await;
    assert!(matches!(
        copy(&school, &head, id).await,
        Err(Fault::NotFound)
    ));
    let copied = copy(&school, &author, id).await.unwrap();
    assert_eq!((copied.copied_from, copied.version), (Some(id), None));
    let copied = read(&school, copied.id).await;
    let kept = &copied.content.files[0];
    assert!(
        copied
            .content
            .html
            .contains(&file_address(copied.id, kept.id))
    );
    assert!(!copied.content.html.contains(&file_address(id, file.id)));
    assert_eq!(
        hash(&copied.content),
        hash(&read(&school, id).await.content)
    );

    // A draft that was never handed in goes, with its files.
    let client = school.client(&author);
    client
        .post(&format!("/manuscripts/{}/removals", copied.id), &[])
        .await
        .expect(303);
    assert!(matches!(
        load(school.db.read(), copied.id).await,
        Err(Fault::NotFound)
    ));
    client
        .get(&format!("/manuscripts/{}", copied.id))
        .await
        .expect(404);
    assert_eq!(read(&school, id).await.content.title, "开放日");
}
on_both_databases!(copies_are_their_makers_own, crate::testing::setup);
