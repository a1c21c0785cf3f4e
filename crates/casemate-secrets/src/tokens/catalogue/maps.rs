//! Maps, data and everything else.

use crate::leak::LeakKind;
use crate::tokens::detector::{Detector, Verify};
use crate::tokens::proof;

pub(super) const ALL: &[Detector] = &[
    Detector::starts(
        "mapbox-secret-token",
        "Mapbox",
        "Mapbox secret access token",
        "https://console.mapbox.com/account/access-tokens/",
        r"sk\.eyJ1[0-9A-Za-z_-]{40,150}\.[0-9A-Za-z_-]{20,24}",
    )
    .at(&["sk.eyJ1"])
    .check(proof::json_in_the_middle)
    .asked(Verify::get("https://api.mapbox.com/tokens/v2?access_token={token}", &[]).says("TokenValid")),
    Detector::near(
        "here-key",
        "HERE",
        "HERE API key",
        "https://platform.here.com/admin/apps",
        r"[0-9A-Za-z_-]{43}",
        &["key"],
    )
    .at(&["here_api", "here_maps", "hereapi"])
    .check(proof::three_classes),
    Detector::near(
        "openweather-key",
        "OpenWeather",
        "OpenWeather API key",
        "https://home.openweathermap.org/api_keys",
        r"[0-9a-f]{32}",
        &["key", "appid"],
    )
    .at(&["openweather", "owm_"]),
    Detector::starts(
        "locationiq-key",
        "LocationIQ",
        "LocationIQ access token",
        "https://my.locationiq.com/dashboard",
        r#"(?i:locationiq[_-]?(?:api[_-]?)?(?:key|token))["']?\s{0,3}[=:]\s{0,3}["']?(pk\.[0-9a-f]{32})"#,
    )
    .at(&["locationiq"]),
    Detector::holds(
        "rapidapi-key",
        "RapidAPI",
        "RapidAPI key",
        "https://rapidapi.com/developer/security",
        r"[0-9a-f]{10}msh[0-9a-f]{15}p1[0-9a-f]{5,6}jsn[0-9a-f]{12}",
    )
    .at(&["jsn"]),
    Detector::near(
        "infura-key",
        "Infura",
        "Infura project secret",
        "https://app.infura.io/",
        r"[0-9a-f]{32}",
        &["secret"],
    )
    .at(&["infura"]),
    Detector::starts(
        "alchemy-key",
        "Alchemy",
        "Alchemy API key",
        "https://dashboard.alchemy.com/",
        r"\.g\.alchemy\.com/v2/([0-9A-Za-z_-]{32})",
    )
    .at(&[".g.alchemy.com/v2/"]),
    Detector::near(
        "etherscan-key",
        "Etherscan",
        "Etherscan API key",
        "https://etherscan.io/myapikey",
        r"[0-9A-Z]{34}",
        &["key"],
    )
    .at(&["etherscan", "bscscan", "polygonscan"])
    .check(proof::letters_and_digits),
    Detector::near(
        "virustotal-key",
        "VirusTotal",
        "VirusTotal API key",
        "https://www.virustotal.com/gui/my-apikey",
        r"[0-9a-f]{64}",
        &["key"],
    )
    .at(&["virustotal", "vt_api"]),
    Detector::near(
        "shodan-key",
        "Shodan",
        "Shodan API key",
        "https://account.shodan.io/",
        r"[0-9A-Za-z]{32}",
        &["key"],
    )
    .at(&["shodan"])
    .check(proof::three_classes),
    Detector::near(
        "abuseipdb-key",
        "AbuseIPDB",
        "AbuseIPDB API key",
        "https://www.abuseipdb.com/account/api",
        r"[0-9a-f]{80}",
        &["key"],
    )
    .at(&["abuseipdb"]),
    Detector::near(
        "spotify-secret",
        "Spotify",
        "Spotify client secret",
        "https://developer.spotify.com/dashboard",
        r"[0-9a-f]{32}",
        &["secret"],
    )
    .at(&["spotify", "spotipy"]),
    Detector::near(
        "strava-secret",
        "Strava",
        "Strava client secret",
        "https://www.strava.com/settings/api",
        r"[0-9a-f]{40}",
        &["secret"],
    )
    .at(&["strava"]),
    Detector::near(
        "bitly-token",
        "Bitly",
        "Bitly access token",
        "https://app.bitly.com/settings/api/",
        r"[0-9a-f]{40}",
        &["token"],
    )
    .at(&["bitly", "bit.ly"]),
    Detector::near(
        "alpha-vantage-key",
        "Alpha Vantage",
        "Alpha Vantage API key",
        "https://www.alphavantage.co/support/",
        r"[0-9A-Z]{16}",
        &["key"],
    )
    .at(&["alphavantage", "alpha_vantage"])
    .check(proof::letters_and_digits),
    Detector::near(
        "polygon-key",
        "Polygon.io",
        "Polygon.io API key",
        "https://polygon.io/dashboard/keys",
        r"[0-9A-Za-z_]{32}",
        &["key"],
    )
    .at(&["polygon_api", "polygon.io"])
    .check(proof::three_classes),
    Detector::near(
        "finnhub-token",
        "Finnhub",
        "Finnhub API key",
        "https://finnhub.io/dashboard",
        r"[0-9a-z]{20}(?:[0-9a-z]{20})?",
        &["key", "token"],
    )
    .at(&["finnhub"])
    .check(proof::letters_and_digits),
    Detector::near(
        "binance-secret",
        "Binance",
        "Binance API secret",
        "https://www.binance.com/en/my/settings/api-management",
        r"[0-9A-Za-z]{64}",
        &["secret", "key"],
    )
    .at(&["binance"])
    .check(proof::three_classes),
    Detector::near("newsapi-key", "NewsAPI", "NewsAPI key", "https://newsapi.org/account", r"[0-9a-f]{32}", &["key"])
        .at(&["newsapi", "news_api"]),
    Detector::near(
        "tmdb-key",
        "TMDB",
        "TMDB API key",
        "https://www.themoviedb.org/settings/api",
        r"[0-9a-f]{32}",
        &["key"],
    )
    .at(&["tmdb", "themoviedb"]),
    Detector::near(
        "steam-key",
        "Valve",
        "Steam Web API key",
        "https://steamcommunity.com/dev/apikey",
        r"[0-9A-F]{32}",
        &["key"],
    )
    .at(&["steam_api", "steam_web", "steamapi", "steamwebapi"]),
    Detector::starts(
        "riot-key",
        "Riot Games",
        "Riot Games API key",
        "https://developer.riotgames.com/",
        r"RGAPI-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .at(&["RGAPI-"]),
    Detector::starts(
        "nostr-key",
        "nostr",
        "nostr private key",
        "Move to a new key; a nostr key cannot be revoked.",
        r"nsec1[02-9ac-hj-np-z]{58}",
    )
    .at(&["nsec1"])
    .kind(LeakKind::PrivateKey)
    .check(proof::bech32),
    Detector::starts(
        "bitcoin-extended-key",
        "Bitcoin",
        "extended private key of a wallet (BIP 32)",
        "Move the funds to a new wallet; the key cannot be revoked.",
        r"xprv9[1-9A-HJ-NP-Za-km-z]{106}",
    )
    .at(&["xprv9"])
    .kind(LeakKind::PrivateKey)
    .check(proof::three_classes),
    Detector::near(
        "ethereum-key",
        "Ethereum",
        "private key of an Ethereum account",
        "Move the funds to a new account; the key cannot be revoked.",
        r"(?:0x)?[0-9a-fA-F]{64}",
        &["private", "priv", "wallet"],
    )
    .at(&["private_key", "privatekey", "private-key", "priv_key", "mnemonic", "wallet"])
    .kind(LeakKind::PrivateKey),
];
