//! Forms out of a small college.

mod data;
mod pages;

use crate::{
    channel::{Channel, ChannelPeople, Holder, RunningState},
    testing::{College, facts, filed, person_at, register, unfiled},
};
use zhendi_kernel::testing::TestApp;

/// Six channels of three units, one of them closed, one held by a person; with findings.
pub(super) struct Registered {
    pub college: College,
    pub site: Channel,
}

pub(super) async fn registered(app: &TestApp) -> Registered {
    let college = College::new(app).await;
    let leader = person_at(app, college.faculty, "陈院长", "13800138001").await;
    let keeper = person_at(app, college.faculty, "张敏", "13800138002").await;
    let people = ChannelPeople {
        leader: Some(leader),
        reviewers: vec![leader],
        operators: vec![keeper, leader],
    };
    let mut lab = filed(facts(college.lab, "wechat", "实验室公众号", "lab_wx"));
    lab.people = people.clone();
    lab.facts.survey.problem = "无问题".into();
    lab.facts.survey.interactive = Some(true);
    register(app, lab).await;
    let mut site = filed(facts(
        college.faculty,
        "website",
        "信工官网",
        "https://xg.example.edu.cn/",
    ));
    site.people = people.clone();
    site.facts.icp = Some("粤ICP备05000000号-1".into());
    site.facts.survey.problem = "无更新".into();
    site.facts.survey.rectified = Some(true);
    site.facts.survey.review_system = Some(true);
    site.filing_number = Some("宣备〔2026〕7号".into());
    let site = register(app, site).await;
    let mut video = unfiled(
        facts(college.faculty, "douyin", "=HYPERLINK(1)", "xg_dy"),
        "2026-12-20",
    );
    video.facts.survey.problem = "审核机制不健全".into();
    video.facts.survey.outsourced = Some(true);
    video.facts.survey.interactive = Some(false);
    register(app, video).await;
    let mut personal = filed(facts(college.library, "weibo", "馆长李卫东", "lwd"));
    personal.facts.holder = Holder::PersonByPost("馆长".into());
    personal.facts.survey.interactive = Some(true);
    register(app, personal).await;
    register(
        app,
        filed(facts(college.library, "kuaishou", "图书馆快手", "lib_ks")),
    )
    .await;
    let mut closed = filed(facts(college.library, "wechat", "图书馆旧号", "lib_old"));
    closed.running = RunningState::Closed;
    closed.facts.survey.problem = "无更新".into();
    register(app, closed).await;
    Registered { college, site }
}
