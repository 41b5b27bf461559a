//! Serving: listeners, background work, and an end that loses nothing.

use crate::{
    commands::{End, Failure},
    health,
    program::Program,
    router,
};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use zhendi_kernel::{App, audit, jobs};
use zhendi_operate::{node, restore};
use zhendi_people::account::first_run;

/// What is printed once the address is known.
pub enum Greeting {
    /// The address, and the set-up code if nothing is set up yet.
    Plain,
    /// The demonstration's accounts.
    Demo(String),
}

/// Serves pages and does background work until asked to stop.
pub async fn run(program: Program, greeting: Greeting) -> Result<End, Failure> {
    let app = program.app.clone();
    let closing = CancellationToken::new();
    let listener = TcpListener::bind(app.config.listen).map_err(|error| {
        Failure::Usage(format!(
            "无法监听 {}：{error}。请换一个端口（--listen），或先停止占用它的程序。",
            app.config.listen
        ))
    })?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let tasks = TaskTracker::new();
    restore::note(&app).await?;
    tasks.spawn(jobs::run(app.clone(), closing.clone()));
    tasks.spawn(node::beat(app.clone(), "pages", closing.clone()));
    start_metrics(&app, &tasks, closing.clone())?;

    let handle = Handle::new();
    tokio::spawn(stop_when_asked(handle.clone(), closing.clone()));
    let service =
        router::build(&app, closing.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let scheme = if app.config.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let base = match &app.config.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("{scheme}://{address}"),
    };
    greet(&app, &base, greeting).await?;
    let served = match &app.config.tls {
        Some(tls) => {
            let certificate = RustlsConfig::from_pem_file(&tls.cert, &tls.key)
                .await
                .map_err(|error| Failure::Usage(format!("无法使用 TLS 证书或私钥：{error}")))?;
            axum_server::from_tcp_rustls(listener, certificate)?
                .handle(handle)
                .serve(service)
                .await
        }
        None => {
            axum_server::from_tcp(listener)?
                .handle(handle)
                .serve(service)
                .await
        }
    };
    closing.cancel();
    finish(program, tasks).await?;
    served?;
    Ok(End::Done)
}

/// Does background work alone until asked to stop.
pub async fn work(program: Program) -> Result<End, Failure> {
    let app = program.app.clone();
    let closing = CancellationToken::new();
    let tasks = TaskTracker::new();
    start_metrics(&app, &tasks, closing.clone())?;
    restore::note(&app).await?;
    tasks.spawn(node::beat(app.clone(), "jobs", closing.clone()));
    tasks.spawn(jobs::run(app, closing.clone()));
    println!("后台任务已开始处理，按 Ctrl+C 停止。");
    asked_to_stop().await;
    closing.cancel();
    finish(program, tasks).await?;
    Ok(End::Done)
}

async fn greet(app: &App, base: &str, greeting: Greeting) -> Result<(), Failure> {
    match greeting {
        Greeting::Demo(accounts) => {
            println!("{accounts}\n示例系统已启动：{base}\n按 Ctrl+C 停止。")
        }
        Greeting::Plain => {
            println!("阵地已启动：{base}");
            if let Some(code) = first_run::announce(app).await? {
                println!(
                    "首次设置码：{code}\n请在浏览器打开 {base}/first-run，填写学校名称和三位管理员。设置码只能用一次，重新启动会换新的。"
                );
            }
        }
    }
    Ok(())
}

/// Figures for Prometheus, where the operator wants them.
fn start_metrics(
    app: &App,
    tasks: &TaskTracker,
    closing: CancellationToken,
) -> Result<(), Failure> {
    let Some(address) = app.config.metrics_listen else {
        return Ok(());
    };
    let Some(handle) = health::collect() else {
        return Ok(());
    };
    let listener = TcpListener::bind(address)
        .map_err(|error| Failure::Usage(format!("指标监听地址 {address} 不可用：{error}")))?;
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    tasks.spawn(async move {
        let served = axum::serve(listener, health::metrics_page(handle).into_make_service())
            .with_graceful_shutdown(closing.cancelled_owned())
            .await;
        if let Err(error) = served {
            tracing::error!(%error, "metrics listener ended");
        }
    });
    Ok(())
}

async fn stop_when_asked(handle: Handle<SocketAddr>, closing: CancellationToken) {
    asked_to_stop().await;
    tracing::info!("closing");
    closing.cancel();
    handle.graceful_shutdown(Some(Duration::from_secs(10)));
}

/// Waits for Ctrl+C or SIGTERM.
async fn asked_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! { _ = interrupted => {}, _ = terminated.recv() => {} }
            }
            Err(error) => {
                tracing::error!(%error, "cannot listen for SIGTERM");
                let _ = interrupted.await;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}

/// Lets running jobs end, signs the end of the audit chain, closes the database.
async fn finish(program: Program, tasks: TaskTracker) -> Result<(), Failure> {
    tasks.close();
    tasks.wait().await;
    if let Err(error) = audit::checkpoint::publish(&program.app).await {
        tracing::error!(%error, "no checkpoint at shutdown");
    }
    program.close().await
}
