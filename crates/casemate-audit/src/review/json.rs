//! A review for programs.

use std::io;

use serde_json::{Value, json};

use super::Review;

/// Writes it as one document.
pub fn write(review: &Review, out: &mut dyn io::Write) -> io::Result<()> {
    let endpoints: Vec<Value> = review
        .endpoints
        .iter()
        .map(|endpoint| {
            let answers: Vec<Value> = endpoint
                .answers
                .iter()
                .map(|answer| {
                    json!({
                        "question": answer.question.key(),
                        "text": answer.question.text(),
                        "state": answer.state.key(),
                        "answer": answer.text,
                    })
                })
                .collect();
            json!({
                "framework": endpoint.framework,
                "methods": endpoint.methods,
                "path": endpoint.path,
                "handler": endpoint.handler,
                "file": endpoint.place.path,
                "line": endpoint.place.start.line,
                "guards": endpoint.guards,
                "is_open": endpoint.is_open,
                "changes": endpoint.changes,
                "answers": answers,
            })
        })
        .collect();
    let threats: Vec<Value> = review
        .threats
        .sections
        .iter()
        .map(|section| json!({ "heading": section.heading, "points": section.points }))
        .collect();
    let problems: Vec<Value> = review
        .problems
        .iter()
        .map(|problem| json!({ "file": problem.place.path, "line": problem.place.start.line, "message": problem.message }))
        .collect();
    let document = json!({ "version": 1, "endpoints": endpoints, "threat_model": threats, "problems": problems });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
