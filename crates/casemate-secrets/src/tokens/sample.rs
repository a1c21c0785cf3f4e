//! Told apart: samples from documentation, and texts of the right form that nobody drew by chance.

/// Words that stand in samples. In a random text of base 62 a given word of five letters has a chance of one in ten million.
const WORDS: &[&str] = &[
    "example",
    "sample",
    "dummy",
    "placeholder",
    "xxxxx",
    "changeme",
    "redacted",
    "abcdef",
    "qwerty",
    "12345",
    "00000",
    "foobar",
    "mytoken",
    "mysecret",
    "notareal",
    "notreal",
    "invalid",
    "fake",
    "insert",
    "replace",
    "your-",
    "your_",
    "yourtoken",
    "yourkey",
    "yourapi",
    "yoursecret",
    "testtest",
    "secretkey",
    "accesstoken",
    "fedcba",
    "54321",
    "deadbeef",
    "todo",
];

/// What the documentation of providers and of emulators publishes, by its telling part.
const PUBLISHED: &[&str] = &[
    // Stripe's documentation.
    "4eC39HqLyjWDarjtT1zdp7dc",
    "BQokikJOvBiI2HlWgH4olfQ2",
    // The storage emulator and the Cosmos DB emulator have the same key on every machine.
    "Eby8vdM02xNOcqFlqUwJPLlm",
    "C2y6yDjf5/R+ob0N8A7Cgv30",
    // GitHub's description of its format.
    "zQWBuTSOoRi4A9spHcVY5ncn",
    // Amazon's documentation.
    "wJalrXUtnFEMI",
    "je7MtGbClwBF",
    // Slack's documentation.
    "17653672481-19874698323",
    // The client of every example in RFC 6749, and the keys of RFC 7515, 7517, 7520 and 8037.
    "gX1fBat3bV",
    "Aladdin:open sesame",
    "hJtXIZ2uSN5kbQfbtTNWbpdm",
    "bWUC9B-EFRIo8kpGfh0ZuyGP",
    "AAhRON2r9cqXX1hg-RoI6R1t",
    "nWGxne_9WmC6hEr0kuwsxERJ",
    "X4cTteJY_gn4FYPsXB8rdXix",
    "870MB6gfuTJ4HtUnUvYMyJpr",
    "jpsQnnGQmL-YBIffH1136csp",
    "AyM1SysPpbyDfgZld3umj1qz",
    "GawgguFyGrWKav7AX4VKUg",
];

/// Whether it is published by a provider for everybody to read.
pub(super) fn is_published(secret: &str) -> bool {
    PUBLISHED.iter().any(|part| secret.contains(part))
}

/// Whether a text of the right form was written by a person, not drawn by chance. `fixed` is the part that all such
/// secrets have.
pub(super) fn is_sample(secret: &str, fixed: &str) -> bool {
    let without;
    let body = match secret.find(fixed) {
        Some(0) => secret.get(fixed.len()..).unwrap_or(secret),
        Some(_) => {
            without = secret.replacen(fixed, "", 1);
            &without
        }
        None => secret,
    };
    let body = body.strip_prefix("0x").unwrap_or(body);
    let lower = body.to_ascii_lowercase();
    if WORDS.iter().any(|word| lower.contains(word)) {
        return true;
    }
    // Judged by its longest part: separators and the numbers between them are not random.
    let longest = lower_bound(body);
    is_monotonous(longest)
}

/// The longest stretch of letters and digits, or the whole when that says too little.
fn lower_bound(body: &str) -> &str {
    let parts = body.split(|c: char| !c.is_ascii_alphanumeric());
    let longest = parts.max_by_key(|part| part.len()).unwrap_or(body);
    if longest.len() >= 12 { longest } else { body }
}

/// Few different characters, rows of neighbours, repetition, or one class where chance would give several.
pub(super) fn is_monotonous(text: &str) -> bool {
    let bytes = text.as_bytes();
    let length = bytes.len();
    if length < 8 {
        return false;
    }
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    let distinct = seen.iter().filter(|slot| **slot).count();
    let all = |class: fn(&u8) -> bool| bytes.iter().all(class);
    let alphabet = if all(u8::is_ascii_digit) {
        10.0
    } else if all(u8::is_ascii_hexdigit) {
        16.0
    } else if !bytes.iter().any(u8::is_ascii_uppercase) || !bytes.iter().any(u8::is_ascii_lowercase) {
        32.0
    } else {
        60.0
    };
    let drawn = f64::from(u32::try_from(length).unwrap_or(u32::MAX));
    // How many different characters that many draws give on average.
    let expected = alphabet * (1.0 - (1.0_f64 - 1.0 / alphabet).powf(drawn));
    if f64::from(u32::try_from(distinct).unwrap_or(u32::MAX)) < expected * 0.6 {
        return true;
    }
    let steps =
        bytes.windows(2).filter_map(|pair| if let [a, b] = pair { Some(i16::from(*b) - i16::from(*a)) } else { None });
    let mut run = 0_usize;
    let mut longest = 0_usize;
    let mut neighbours = 0_usize;
    let mut last = i16::MAX;
    for step in steps {
        if (-1..=1).contains(&step) {
            neighbours += 1;
            run = if step == last { run + 1 } else { 1 };
            longest = longest.max(run);
        } else {
            run = 0;
        }
        last = step;
    }
    // In hexadecimal neighbours are common by chance.
    let tenths = if alphabet > 16.0 { 4 } else { 6 };
    if longest >= 5 || neighbours * 10 > length * tenths {
        return true;
    }
    // Two characters take turns, or one stretch is written again and again.
    let repeats = |period: usize| {
        let same = bytes.iter().zip(bytes.iter().skip(period)).filter(|(a, b)| a == b).count();
        same * 10 >= (length - period) * 8
    };
    if length >= 12 && (2..=length / 2).any(repeats) {
        return true;
    }
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let lower = bytes.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    let words = letters == lower && !bytes.iter().any(u8::is_ascii_digit);
    length >= 16
        && (words
            || all(u8::is_ascii_lowercase)
            || all(u8::is_ascii_uppercase)
            || all(u8::is_ascii_alphabetic) && length >= 40)
}
