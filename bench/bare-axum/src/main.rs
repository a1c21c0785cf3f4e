//! The least a case read can cost: axum, one bound query on SQLite, JSON. Nobody is asked who they are.
//!
//! Started by `cargo xtask bench`: `bare-axum DATABASE PORT`.
#![expect(clippy::print_stdout, reason = "tells the bench that it listens")]

use std::error::Error;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};

const TENANT: &str = "0199d1f0-0000-7000-8000-000000000001";

#[derive(Serialize, sqlx::FromRow)]
struct Case {
    id: String,
    number: i64,
    title: String,
    description: String,
    status: String,
    severity: String,
    assignee_id: Option<String>,
    opened_by: String,
    restricted: bool,
    version: i64,
    opened_at: String,
    changed_at: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(database), Some(port)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bare-axum DATABASE PORT".into());
    };
    let options =
        SqliteConnectOptions::new().filename(database).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePoolOptions::new().max_connections(8).connect_with(options).await?;
    sqlx::raw_sql(include_str!("../../schema.sql")).execute(&pool).await?;

    let app = Router::new().route("/api/v1/cases/{reference}", get(read_case)).with_state(pool);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn read_case(State(pool): State<SqlitePool>, Path(reference): Path<String>) -> Result<Json<Case>, StatusCode> {
    let number: i64 =
        reference.strip_prefix("CASE-").and_then(|number| number.parse().ok()).ok_or(StatusCode::NOT_FOUND)?;
    sqlx::query_as("SELECT * FROM cases WHERE tenant_id = $1 AND number = $2")
        .bind(TENANT)
        .bind(number)
        .fetch_optional(&pool)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?
        .map(Json)
        .ok_or(StatusCode::NOT_FOUND)
}
