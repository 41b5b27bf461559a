//! A real WordPress from Debian's package. It is started here unless `ZHENDI_TEST_WORDPRESS` names one.

use super::{TEXT, open_setup};
use crate::{
    connector::{self, Post, Put, Way, connector},
    manuscript,
    publication::{self, State, TakeDown, withdraw},
    testing::School,
};
use chrono::TimeDelta;
use std::{collections::HashMap, path::Path, process::Command};
use url::Url;
use zhendi_kernel::testing::{Backend, TestApp};

struct WordPress {
    said: HashMap<String, String>,
    own: bool,
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/wordpress.sh");

impl WordPress {
    fn start() -> Self {
        let names = [
            "ZHENDI_TEST_WORDPRESS",
            "ZHENDI_TEST_WORDPRESS_USER",
            "ZHENDI_TEST_WORDPRESS_PASSWORD",
        ];
        let given: HashMap<String, String> = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
            .collect();
        if given.len() == names.len() {
            return Self {
                said: given,
                own: false,
            };
        }
        assert!(Path::new(SCRIPT).exists());
        let ran = Command::new(SCRIPT)
            .arg("start")
            .output()
            .expect("scripts/wordpress.sh");
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        let said = String::from_utf8(ran.stdout)
            .unwrap()
            .lines()
            .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
            .collect();
        Self { said, own: true }
    }

    fn get(&self, name: &str) -> &str {
        &self.said[&format!("ZHENDI_TEST_WORDPRESS{name}")]
    }
}

impl Drop for WordPress {
    fn drop(&mut self) {
        if self.own {
            let stopped = Command::new(SCRIPT)
                .args(["stop", self.get("_DIR")])
                .status();
            assert!(stopped.is_ok_and(|status| status.success()));
        }
    }
}

/// What a visitor of the site sees.
async fn visit(school: &School, link: &str) -> (u16, String) {
    let answer = school
        .outgoing
        .get(&Url::parse(link).unwrap())
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    (answer.status.as_u16(), text)
}

/// How many posts the site has whose slug begins with a key, for everyone to see.
async fn posts(school: &School, address: &str, key: &str) -> usize {
    let link = format!("{address}/?rest_route=/wp/v2/posts&per_page=100&_fields=slug");
    let (_, text) = visit(school, &link).await;
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let slugs = all.as_array().unwrap().iter();
    slugs
        .filter(|post| post["slug"].as_str().unwrap().starts_with(key))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manuscript_is_published_corrected_and_withdrawn_on_a_real_wordpress() {
    let site = WordPress::start();
    let (address, user) = (site.get("").to_owned(), site.get("_USER"));
    let school = School::new(TestApp::new(Backend::Sqlite, open_setup()).await).await;
    let admin = school.acting(school.admin).await;

    school
        .connect(
            school.channel,
            Way::WordPress,
            &address,
            user,
            "not the password",
        )
        .await;
    let said = connector::test(&school.app, &admin, school.channel)
        .await
        .unwrap();
    assert!(said.unwrap_err().message.contains("不接受"));
    school
        .connect(
            school.channel,
            Way::WordPress,
            &address,
            user,
            site.get("_PASSWORD"),
        )
        .await;
    let said = connector::test(&school.app, &admin, school.channel)
        .await
        .unwrap();
    assert_eq!(said.unwrap(), format!("已连接，网站用户：{user}"));

    // Published with its picture; nothing in it is more than text to WordPress.
    let title = "消防演练 <b>通知</b> [gallery]";
    let id = school
        .draft_with_picture(title, &format!("{TEXT}<p>[gallery ids=\"1\"]</p>"))
        .await;
    let one = school.approve_now(id, None).await;
    let one = school.order(&one).await;
    school.run_jobs().await;
    let one = school.publication(one.id).await;
    assert_eq!(one.state, State::Published, "{}", one.message);
    let link = one.link.clone().unwrap();
    let (status, page) = visit(&school, &link).await;
    assert_eq!(status, 200);
    assert!(page.contains("学院定于本周五下午举行消防演练"), "{page}");
    assert!(
        page.contains("&lt;b&gt;通知&lt;/b&gt;") && !page.contains("<b>通知"),
        "{page}"
    );
    assert!(page.contains("&#91;gallery ids="), "{page}");
    let at = page
        .find("/wp-content/uploads/")
        .expect("the picture's address");
    let picture = format!("{address}{}", &page[at..at + page[at..].find('"').unwrap()]);
    assert_eq!(visit(&school, &picture).await.0, 200);

    // Killed before it was noted: the same request again finds what is there.
    let connection = connector::of_channel(school.db.read(), &school.app, school.channel).await;
    let connection = connection.unwrap().unwrap();
    let wordpress = connector(&connection).unwrap().unwrap();
    let version = manuscript::version(school.db.read(), one.content)
        .await
        .unwrap();
    let forgotten = Post {
        remote_id: None,
        ..Post::new(&one, version)
    };
    let again = wordpress.put(&school.app, &forgotten).await.unwrap();
    let expected = Put::Live {
        remote_id: one.remote_id.clone().unwrap(),
        link: link.clone(),
        found: true,
    };
    assert_eq!(again, expected);
    assert_eq!(posts(&school, &address, &one.key).await, 1);

    // Two requests at once, one of which was thought lost: one post.
    let mut twin = forgotten.clone();
    twin.key = format!("{}-twin", one.key);
    let (first, second) = tokio::join!(
        wordpress.put(&school.app, &twin),
        wordpress.put(&school.app, &twin)
    );
    assert!(first.is_ok() && second.is_ok(), "{first:?} {second:?}");
    assert_eq!(posts(&school, &address, &twin.key).await, 1);
    wordpress
        .remove(
            &school.app,
            &Post {
                remote_id: None,
                ..twin
            },
        )
        .await
        .unwrap();

    // A correction takes the same address; the live copy stays until then.
    school
        .rewrite(id, "消防演练改期", "<p>改到下周五下午。</p>")
        .await;
    let second = school.approve_now(id, None).await;
    assert!(visit(&school, &link).await.1.contains("本周五"));
    let second = school.order(&second).await;
    school.run_jobs().await;
    let second = school.publication(second.id).await;
    assert_eq!(second.state, State::Published, "{}", second.message);
    assert_eq!(second.link.as_deref(), Some(link.as_str()));
    assert_eq!(school.state(one.id).await, State::Replaced);
    let (_, page) = visit(&school, &link).await;
    assert!(
        page.contains("改到下周五") && !page.contains("本周五"),
        "{page}"
    );

    // Withdrawn: neither post nor picture can be read by its address.
    let said = TakeDown {
        reason: "fact_error".into(),
        ..TakeDown::default()
    };
    withdraw(&school.app, &admin, second.id, second.version, said)
        .await
        .unwrap()
        .unwrap();
    school.run_jobs().await;
    let gone = school.publication(second.id).await;
    assert_eq!(gone.state, State::Withdrawn, "{}", gone.message);
    assert_eq!(visit(&school, &link).await.0, 404);
    assert_eq!(visit(&school, &picture).await.0, 404);
    assert!(
        publication::live(school.db.read(), id)
            .await
            .unwrap()
            .is_empty()
    );

    // And published once more after another review.
    school
        .rewrite(id, "消防演练安排", "<p>最终安排如下。</p>")
        .await;
    let third = school.approve_now(id, None).await;
    let third = school.order(&third).await;
    school.run_jobs().await;
    let third = school.publication(third.id).await;
    assert_eq!(third.state, State::Published, "{}", third.message);
    assert!(
        visit(&school, &third.link.unwrap())
            .await
            .1
            .contains("最终安排如下")
    );

    // The password is taken away at the site: the order fails at once and says why.
    school
        .connect(school.channel, Way::WordPress, &address, user, "taken away")
        .await;
    let other = school.approved("讲座预告").await;
    let other = school.order(&other).await;
    school.run_jobs().await;
    let other = school.publication(other.id).await;
    assert_eq!(other.state, State::Failed);
    assert!(other.message.contains("不接受"), "{}", other.message);
    school.pass(TimeDelta::days(1));
    school.run_jobs().await;
}
