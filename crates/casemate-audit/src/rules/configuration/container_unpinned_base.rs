//! An image that is another one tomorrow.

use parse_dockerfile::Instruction;

use super::container_root::image_of;
use super::files;
use super::image::Image;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::TextContext;

/// `container-unpinned-base`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1603",
    name: "container-unpinned-base",
    summary: "A container image is not pinned by its digest",
    severity: Severity::Low,
    kind: Kind::Configuration,
    persona: Persona::Pedantic,
    cwe: &[1357],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "15.2.4",
    page: include_str!("container_unpinned_base.md"),
};

pub(crate) fn check(cx: &mut TextContext<'_>) {
    if files::is_dockerfile(cx) {
        let file = cx.dockerfile();
        let mut names: Vec<String> = Vec::new();
        for stage in &file.stages {
            let image = image_of(&file, stage);
            if !names.iter().any(|name| name.eq_ignore_ascii_case(&image)) {
                judge(cx, &image, stage.span());
            }
            for instruction in &stage.instructions {
                let Instruction::Copy(copy) = instruction else { continue };
                let from = copy.options.iter().find(|option| option.name.value == "from");
                if let Some(value) = from.and_then(|option| option.value.as_ref()) {
                    let is_stage = names.iter().any(|name| name.eq_ignore_ascii_case(&value.value))
                        || stage.name().is_some_and(|name| name == value.value)
                        || value.value.bytes().all(|digit| digit.is_ascii_digit());
                    // A name without tag and folder may be a context given to the build.
                    if !is_stage && value.value.contains([':', '/']) {
                        judge(cx, &value.value, value.span.clone());
                    }
                }
            }
            names.extend(stage.name().map(str::to_owned));
        }
    } else if cx.text.contains("image") {
        if files::is_compose(cx) {
            let yaml = cx.yaml();
            let services = yaml.documents.first().and_then(|root| root.get("services"));
            for (_, service) in services.map_or(&[][..], super::yaml::Node::entries) {
                // What is built here is named here.
                if service.get("build").is_none()
                    && let Some(image) = service.get("image")
                {
                    judge(cx, image.text().unwrap_or_default(), image.span.clone());
                }
            }
        } else if cx.text.contains("apiVersion") {
            let yaml = cx.yaml();
            for object in files::kubernetes(&yaml.documents) {
                object.walk(&mut |node| {
                    for key in ["containers", "initContainers"] {
                        for container in node.get(key).map_or(&[][..], super::yaml::Node::items) {
                            if let Some(image) = container.get("image") {
                                judge(cx, image.text().unwrap_or_default(), image.span.clone());
                            }
                        }
                    }
                });
            }
        }
    }
}

fn judge(cx: &mut TextContext<'_>, written: &str, span: std::ops::Range<usize>) {
    let image = Image::parse(written);
    // What comes from outside cannot be judged here, and `scratch` is empty.
    if image.digest.is_some() || image.name == "scratch" || written.is_empty() || written.contains(['$', '{']) {
        return;
    }
    let message = match image.tag {
        None | Some("latest") => format!("`{written}` is whatever was published last, so two builds may differ"),
        Some(_) => format!("`{written}` is named by a tag, which its publisher can move to another image"),
    };
    let finding = cx.report(&RULE, span, message);
    finding.missing_guard = Some("a digest (`@sha256:…`)".to_owned());
    finding.remedy = "Pin the image by its digest beside the tag (`python:3.13-slim@sha256:…`) and let a bot such as Renovate or Dependabot move both.".to_owned();
}
