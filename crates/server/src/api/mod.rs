//! The REST interface's document: put together from the contexts' handlers, served as JSON, and read
//! aloud as a page.

mod reference;
pub mod words;

use axum::{Json, response::IntoResponse};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};
use words::Chinese;
use zhendi_kernel::web::{Access, Routes};

/// The whole document. A snapshot locks it: what others have built on does not change by accident.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "阵地接口",
        description = "与网页功能相同的数据接口。请求头带 “Authorization: Bearer 令牌”；令牌在“账号与安全 → 访问令牌”中建立。出错时返回 application/problem+json，其中 detail 说明原因，advice 说明下一步怎么办。"
    ),
    paths(
        zhendi_people::unit::docs::list,
        zhendi_people::unit::docs::show,
        zhendi_people::person::docs::list,
        zhendi_people::person::docs::show,
        zhendi_registry::channel::docs::list,
        zhendi_registry::channel::docs::show,
        zhendi_registry::directory::docs::search,
        zhendi_registry::filing::docs::list,
        zhendi_registry::filing::docs::show,
        zhendi_registry::filing::docs::create,
        zhendi_registry::filing::docs::submit,
        zhendi_registry::filing::docs::sign,
        zhendi_registry::filing::docs::check,
        zhendi_registry::filing::docs::decide,
        zhendi_registry::filing::docs::send_back,
        zhendi_registry::filing::docs::withdraw,
        zhendi_govern::plan::docs::list,
        zhendi_govern::plan::docs::show,
        zhendi_govern::plan::docs::create,
        zhendi_govern::plan::docs::add_task,
        zhendi_govern::plan::docs::submit,
        zhendi_govern::plan::docs::decide,
        zhendi_govern::plan::docs::send_back,
        zhendi_govern::plan::docs::close,
        zhendi_govern::plan::docs::report,
        zhendi_govern::regulation::docs::list,
        zhendi_govern::regulation::docs::show,
        zhendi_govern::regulation::docs::readings,
        zhendi_govern::regulation::docs::confirm,
        zhendi_registry::filing::docs::paper,
        zhendi_registry::filing::docs::prove,
        zhendi_registry::filing::docs::recheck,
        zhendi_registry::forms::docs::annex_two,
        zhendi_registry::forms::docs::for_programs,
        zhendi_review::publication::docs::list,
        zhendi_review::publication::docs::show,
        zhendi_review::publication::docs::order,
        zhendi_review::publication::docs::cancel,
        zhendi_review::publication::docs::withdraw,
        zhendi_review::publication::docs::ask,
        zhendi_review::course::docs::list,
        zhendi_review::course::docs::show,
        zhendi_review::course::docs::submit,
        zhendi_review::course::docs::decide,
        zhendi_review::course::docs::recall,
        zhendi_review::course::docs::take,
        zhendi_review::course::docs::release,
        zhendi_review::course::docs::mark_major,
        zhendi_review::course::workflow_docs::list,
        zhendi_review::course::workflow_docs::show,
        zhendi_review::course::workflow_docs::replace,
        zhendi_review::paper::docs::show,
        zhendi_review::paper::docs::sheet,
        zhendi_review::paper::docs::create,
        zhendi_review::statistics::docs::api,
        zhendi_review::dictionary::docs::list,
        zhendi_review::dictionary::docs::show,
        zhendi_review::dictionary::docs::create,
        zhendi_review::dictionary::docs::change,
        zhendi_review::dictionary::docs::remove,
        zhendi_review::check::docs::check,
        zhendi_review::hooks::docs::list,
        zhendi_review::hooks::docs::create,
        zhendi_review::hooks::docs::remove,
        zhendi_review::hooks::docs::deliveries,
        zhendi_review::hooks::docs::test,
        zhendi_review::forwarding::docs::list,
        zhendi_review::forwarding::docs::show,
        zhendi_review::forwarding::docs::create,
        zhendi_review::forwarding::docs::answer,
        zhendi_review::forwarding::docs::close,
    ),
    modifiers(&Bearer, &Chinese),
    security(("token" = []))
)]
pub struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(
            "token",
            SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
        );
    }
}

/// The document and its readable form.
pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/openapi.json", Access::Public, document)
        .get("/api", Access::SignedIn, reference::show)
}

async fn document() -> impl IntoResponse {
    Json(Document::openapi())
}
