//! Names of container images, and what is known about the common ones.

/// `registry/path:tag@digest` taken apart; official images lose `docker.io/library/`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Image<'t> {
    pub(super) name: &'t str,
    pub(super) tag: Option<&'t str>,
    pub(super) digest: Option<&'t str>,
}

/// Prefixes that lead to the official images.
const OFFICIAL: [&str; 6] = [
    "docker.io/library/",
    "index.docker.io/library/",
    "public.ecr.aws/docker/library/",
    "mirror.gcr.io/library/",
    "docker.io/",
    "library/",
];

impl<'t> Image<'t> {
    pub(super) fn parse(text: &'t str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let last = rest.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match rest.get(last..).and_then(|last| last.find(':')) {
            Some(colon) => (rest.get(..last + colon).unwrap_or(rest), rest.get(last + colon + 1..)),
            None => (rest, None),
        };
        let name = OFFICIAL.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        Self { name, tag, digest }
    }

    /// The name without registry and folders.
    pub(super) fn last(&self) -> &'t str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }
}

/// Whether programs in this image run as root unless it is told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BaseUser {
    Root,
    Other,
    Unknown,
}

/// Official images and images of well-known builders that leave the user at root.
const ROOT: &[&str] = &[
    "alpine",
    "debian",
    "ubuntu",
    "busybox",
    "fedora",
    "centos",
    "rockylinux",
    "almalinux",
    "amazonlinux",
    "oraclelinux",
    "archlinux",
    "opensuse/leap",
    "opensuse/tumbleweed",
    "photon",
    "clearlinux",
    "buildpack-deps",
    "python",
    "pypy",
    "node",
    "golang",
    "ruby",
    "rust",
    "php",
    "perl",
    "openjdk",
    "eclipse-temurin",
    "amazoncorretto",
    "ibmjava",
    "sapmachine",
    "gradle",
    "maven",
    "erlang",
    "elixir",
    "swift",
    "dart",
    "haskell",
    "julia",
    "r-base",
    "clojure",
    "gcc",
    "groovy",
    "bash",
    "docker",
    "scratch",
    "tomcat",
    "wordpress",
    "drupal",
    "odoo",
    "continuumio/miniconda3",
    "continuumio/anaconda3",
    "condaforge/miniforge3",
    "condaforge/mambaforge",
    "nvidia/cuda",
    "pytorch/pytorch",
    "tensorflow/tensorflow",
    "ghcr.io/astral-sh/uv",
    "oven/bun",
    "denoland/deno",
    "tiangolo/uvicorn-gunicorn-fastapi",
    "tiangolo/uvicorn-gunicorn",
    "tiangolo/uwsgi-nginx-flask",
    "registry.access.redhat.com/ubi8/ubi",
    "registry.access.redhat.com/ubi9/ubi",
    "registry.access.redhat.com/ubi8/ubi-minimal",
    "registry.access.redhat.com/ubi9/ubi-minimal",
];

/// What the image of a last stage does about the user.
pub(super) fn user_of(image: &Image<'_>) -> BaseUser {
    let tag = image.tag.unwrap_or_default();
    let whole = |word: &str| image.name.contains(word) || tag.contains(word);
    if whole("nonroot") || whole("rootless") || whole("unprivileged") || whole("non-root") {
        return BaseUser::Other;
    }
    if image.name.contains("distroless/") || ROOT.contains(&image.name) {
        return BaseUser::Root;
    }
    BaseUser::Unknown
}
