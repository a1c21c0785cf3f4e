//! Models and what serves them.

use crate::tokens::detector::{Detector, Verify};
use crate::tokens::proof;

pub(super) const ALL: &[Detector] = &[
    Detector::holds(
        "openai-key",
        "OpenAI",
        "OpenAI API key",
        "https://platform.openai.com/api-keys",
        r"sk-(?:(?:proj|svcacct|admin|None)-[0-9A-Za-z_-]{20,100}|[0-9A-Za-z]{20})T3BlbkFJ[0-9A-Za-z_-]{20,100}",
    )
    .at(&["T3BlbkFJ"])
    .asked(Verify::bearer("https://api.openai.com/v1/models")),
    Detector::starts(
        "anthropic-key",
        "Anthropic",
        "Anthropic API key",
        "https://console.anthropic.com/settings/keys",
        r"sk-ant-api[0-9]{2}-[0-9A-Za-z_-]{93}AA",
    )
    .at(&["sk-ant-api"])
    .asked(Verify::get(
        "https://api.anthropic.com/v1/models",
        &[("x-api-key", "{token}"), ("anthropic-version", "2023-06-01")],
    )),
    Detector::starts(
        "anthropic-admin-key",
        "Anthropic",
        "Anthropic admin API key",
        "https://console.anthropic.com/settings/admin-keys",
        r"sk-ant-admin[0-9]{2}-[0-9A-Za-z_-]{93}AA",
    )
    .at(&["sk-ant-admin"])
    .asked(Verify::get(
        "https://api.anthropic.com/v1/organizations/me",
        &[("x-api-key", "{token}"), ("anthropic-version", "2023-06-01")],
    )),
    Detector::starts(
        "anthropic-oauth-token",
        "Anthropic",
        "Anthropic OAuth token",
        "https://claude.ai/settings",
        r"sk-ant-o[ar]t[0-9]{2}-[0-9A-Za-z_-]{80,120}",
    )
    .at(&["sk-ant-oat", "sk-ant-ort"]),
    Detector::starts(
        "huggingface-token",
        "Hugging Face",
        "Hugging Face access token",
        "https://huggingface.co/settings/tokens",
        r"hf_[A-Za-z]{34}",
    )
    .at(&["hf_"])
    .asked(Verify::bearer("https://huggingface.co/api/whoami-v2")),
    Detector::starts(
        "huggingface-organisation-token",
        "Hugging Face",
        "Hugging Face organisation token",
        "https://huggingface.co/settings/tokens",
        r"api_org_[A-Za-z]{34}",
    )
    .at(&["api_org_"])
    .asked(Verify::bearer("https://huggingface.co/api/whoami-v2")),
    Detector::starts(
        "replicate-token",
        "Replicate",
        "Replicate API token",
        "https://replicate.com/account/api-tokens",
        r"r8_[0-9A-Za-z]{37}",
    )
    .at(&["r8_"])
    .asked(Verify::bearer("https://api.replicate.com/v1/account")),
    Detector::starts("groq-key", "Groq", "Groq API key", "https://console.groq.com/keys", r"gsk_[0-9A-Za-z]{52}")
        .at(&["gsk_"])
        .asked(Verify::bearer("https://api.groq.com/openai/v1/models")),
    Detector::starts("xai-key", "xAI", "xAI API key", "https://console.x.ai/", r"xai-[0-9A-Za-z]{80}")
        .at(&["xai-"])
        .asked(Verify::bearer("https://api.x.ai/v1/api-key")),
    Detector::starts(
        "perplexity-key",
        "Perplexity",
        "Perplexity API key",
        "https://www.perplexity.ai/settings/api",
        r"pplx-[0-9A-Za-z]{48}",
    )
    .at(&["pplx-"]),
    Detector::near(
        "cohere-key",
        "Cohere",
        "Cohere API key",
        "https://dashboard.cohere.com/api-keys",
        r"[0-9A-Za-z]{40}",
        &["key", "token"],
    )
    .at(&["cohere", "co_api_key"])
    .check(proof::three_classes)
    .asked(Verify::bearer("https://api.cohere.com/v1/models")),
    Detector::near(
        "mistral-key",
        "Mistral AI",
        "Mistral AI API key",
        "https://console.mistral.ai/api-keys/",
        r"[0-9A-Za-z]{32}",
        &["key", "token"],
    )
    .at(&["mistral"])
    .check(proof::three_classes)
    .asked(Verify::bearer("https://api.mistral.ai/v1/models")),
    Detector::near(
        "deepseek-key",
        "DeepSeek",
        "DeepSeek API key",
        "https://platform.deepseek.com/api_keys",
        r"sk-[0-9a-f]{32}",
        &["key", "token"],
    )
    .at(&["deepseek"])
    .asked(Verify::bearer("https://api.deepseek.com/models")),
    Detector::near(
        "dashscope-key",
        "Alibaba Cloud",
        "DashScope API key",
        "https://bailian.console.aliyun.com/",
        r"sk-[0-9a-f]{32}",
        &["key", "token"],
    )
    .at(&["dashscope", "qwen", "bailian"]),
    Detector::starts(
        "openrouter-key",
        "OpenRouter",
        "OpenRouter API key",
        "https://openrouter.ai/settings/keys",
        r"sk-or-v1-[0-9a-f]{64}",
    )
    .at(&["sk-or-v1-"])
    .asked(Verify::bearer("https://openrouter.ai/api/v1/key")),
    Detector::starts(
        "together-key",
        "Together AI",
        "Together AI API key",
        "https://api.together.ai/settings/api-keys",
        r"tgp_v1_[0-9A-Za-z_-]{43}",
    )
    .at(&["tgp_v1_"])
    .asked(Verify::bearer("https://api.together.xyz/v1/models")),
    Detector::starts(
        "fireworks-key",
        "Fireworks AI",
        "Fireworks AI API key",
        "https://fireworks.ai/account/api-keys",
        r"fw_[0-9A-Za-z]{22,24}",
    )
    .at(&["fw_"])
    .check(proof::three_classes),
    Detector::near(
        "elevenlabs-key",
        "ElevenLabs",
        "ElevenLabs API key",
        "https://elevenlabs.io/app/settings/api-keys",
        r"(?:sk_[0-9a-f]{48}|[0-9a-f]{32})",
        &["key"],
    )
    .at(&["elevenlabs", "xi-api-key", "eleven_api"])
    .asked(Verify::get("https://api.elevenlabs.io/v1/user", &[("xi-api-key", "{token}")])),
    Detector::near(
        "stability-key",
        "Stability AI",
        "Stability AI API key",
        "https://platform.stability.ai/account/keys",
        r"sk-[0-9A-Za-z]{48}",
        &["key"],
    )
    .at(&["stability", "dreamstudio"])
    .asked(Verify::bearer("https://api.stability.ai/v1/user/account")),
    Detector::near(
        "assemblyai-key",
        "AssemblyAI",
        "AssemblyAI API key",
        "https://www.assemblyai.com/app",
        r"[0-9a-f]{32}",
        &["key", "token"],
    )
    .at(&["assemblyai", "assembly_ai"]),
    Detector::near(
        "deepgram-key",
        "Deepgram",
        "Deepgram API key",
        "https://console.deepgram.com/",
        r"[0-9a-f]{40}",
        &["key", "token"],
    )
    .at(&["deepgram"])
    .asked(Verify::get("https://api.deepgram.com/v1/projects", &[("Authorization", "Token {token}")])),
    Detector::starts(
        "langsmith-key",
        "LangChain",
        "LangSmith API key",
        "https://smith.langchain.com/settings",
        r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}",
    )
    .at(&["lsv2_pt_", "lsv2_sk_"]),
    Detector::starts(
        "langfuse-key",
        "Langfuse",
        "Langfuse secret key",
        "https://cloud.langfuse.com/",
        r"sk-lf-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .at(&["sk-lf-"]),
    Detector::near(
        "wandb-key",
        "Weights & Biases",
        "Weights & Biases API key",
        "https://wandb.ai/authorize",
        r"[0-9a-f]{40}",
        &["key", "login"],
    )
    .at(&["wandb"]),
    Detector::starts(
        "wandb-new-key",
        "Weights & Biases",
        "Weights & Biases API key",
        "https://wandb.ai/authorize",
        r"wandb_v1_[0-9A-Za-z_]{70,90}",
    )
    .at(&["wandb_v1_"]),
    Detector::starts(
        "nvidia-key",
        "NVIDIA",
        "NVIDIA API key",
        "https://build.nvidia.com/settings/api-keys",
        r"nvapi-[0-9A-Za-z_-]{60,70}",
    )
    .at(&["nvapi-"]),
    Detector::starts(
        "voyage-key",
        "Voyage AI",
        "Voyage AI API key",
        "https://dashboard.voyageai.com/",
        r"pa-[0-9A-Za-z_-]{43}",
    )
    .at(&["pa-"])
    .check(proof::three_classes),
    Detector::starts(
        "jina-key",
        "Jina AI",
        "Jina AI API key",
        "https://jina.ai/api-dashboard/",
        r"jina_[0-9a-f]{32}[0-9A-Za-z_-]{28}",
    )
    .at(&["jina_"]),
    Detector::starts(
        "tavily-key",
        "Tavily",
        "Tavily API key",
        "https://app.tavily.com/",
        r"tvly-(?:(?:dev|prod)-)?[0-9A-Za-z]{32}",
    )
    .at(&["tvly-"]),
    Detector::near(
        "serpapi-key",
        "SerpApi",
        "SerpApi key",
        "https://serpapi.com/manage-api-key",
        r"[0-9a-f]{64}",
        &["key"],
    )
    .at(&["serpapi", "serp_api"]),
    Detector::starts(
        "firecrawl-key",
        "Firecrawl",
        "Firecrawl API key",
        "https://www.firecrawl.dev/app/api-keys",
        r"fc-[0-9a-f]{32}",
    )
    .at(&["fc-"]),
    Detector::starts("cerebras-key", "Cerebras", "Cerebras API key", "https://cloud.cerebras.ai/", r"csk-[0-9a-z]{48}")
        .at(&["csk-"])
        .asked(Verify::bearer("https://api.cerebras.ai/v1/models")),
    Detector::starts(
        "anyscale-key",
        "Anyscale",
        "Anyscale API key",
        "https://console.anyscale.com/",
        r"esecret_[0-9a-z]{26,30}",
    )
    .at(&["esecret_"])
    .check(proof::letters_and_digits),
    Detector::starts(
        "modal-token-id",
        "Modal",
        "Modal token id",
        "https://modal.com/settings/tokens",
        r"ak-[0-9A-Za-z]{22}",
    )
    .at(&["ak-"])
    .check(proof::three_classes),
    Detector::starts(
        "modal-token-secret",
        "Modal",
        "Modal token secret",
        "https://modal.com/settings/tokens",
        r"as-[0-9A-Za-z]{22}",
    )
    .at(&["as-"])
    .check(proof::three_classes),
    Detector::starts(
        "runpod-key",
        "RunPod",
        "RunPod API key",
        "https://console.runpod.io/user/settings",
        r"rpa_[0-9A-Z]{40}[0-9A-Za-z]{4,8}",
    )
    .at(&["rpa_"]),
    Detector::starts("e2b-key", "E2B", "E2B API key", "https://e2b.dev/dashboard?tab=keys", r"e2b_[0-9a-f]{40}")
        .at(&["e2b_"]),
    Detector::starts(
        "helicone-key",
        "Helicone",
        "Helicone API key",
        "https://us.helicone.ai/settings/api-keys",
        r"sk-helicone-[0-9A-Za-z-]{20,60}",
    )
    .at(&["sk-helicone-"]),
    Detector::starts("cursor-key", "Cursor", "Cursor API key", "https://cursor.com/dashboard", r"key_[0-9a-f]{64}")
        .at(&["key_"]),
    Detector::near(
        "ai21-key",
        "AI21",
        "AI21 API key",
        "https://studio.ai21.com/account/api-key",
        r"[0-9A-Za-z]{32}",
        &["key"],
    )
    .at(&["ai21"])
    .check(proof::three_classes),
    Detector::near(
        "roboflow-key",
        "Roboflow",
        "Roboflow API key",
        "https://app.roboflow.com/settings/api",
        r"[0-9A-Za-z]{20}",
        &["key"],
    )
    .at(&["roboflow"])
    .check(proof::three_classes),
    Detector::starts(
        "vectara-key",
        "Vectara",
        "Vectara API key",
        "https://console.vectara.com/console/apiAccess",
        r"z[uwq]t_[0-9A-Za-z_-]{36}",
    )
    .at(&["zut_", "zwt_", "zqt_"]),
];
