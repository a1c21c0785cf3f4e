//! Finds the keywords of all detectors in one pass.
//!
//! Each place of a text is asked by its next three bytes, in one case, whether a keyword begins like that: one bit of 16
//! kilobytes, a branch that is hardly ever taken, so that the processor does not stumble. Only where it is set the next
//! four are asked, and only what passes that is compared.
//! An automaton over all keywords takes milliseconds to build, which a hook feels; this takes a few hundred
//! microseconds, and is no slower in a text.

/// Makes small letters of capitals; what it does to signs it does to those of keywords too.
const FOLD: u32 = 0x2020_2020;

/// The first three of four bytes.
const THREE: u32 = 0x00ff_ffff;

/// Four bytes of any text, folded, mixed into a number whose upper bits are the best.
fn mixed(key: u32) -> u32 {
    // Multiplying by the golden ratio mixes upwards.
    key.wrapping_mul(0x9e37_79b1)
}

/// The first four bytes in one case; what is missing is zero.
fn key(text: &[u8]) -> u32 {
    let byte = |at: usize| text.get(at).map_or(0, |byte| byte | 0x20);
    u32::from_le_bytes([byte(0), byte(1), byte(2), byte(3)])
}

/// One bit for each number of 17 bits.
struct Bits(Box<[u64; 2048]>);

impl Bits {
    fn none() -> Self {
        Self(Box::new([0; 2048]))
    }

    fn set(&mut self, key: u32) {
        let place = mixed(key) >> 15;
        if let Some(word) = self.0.get_mut((place >> 6) as usize) {
            *word |= 1 << (place & 63);
        }
    }

    #[inline]
    fn has(&self, key: u32) -> bool {
        let place = mixed(key) >> 15;
        // 2048 words of 64 bits: the compiler sees that a number of 17 bits stays inside.
        self.0[(place >> 6) as usize] >> (place & 63) & 1 != 0
    }
}

/// Keywords that begin alike, or nearly so, and who asks for each.
type List = Vec<(&'static str, u16)>;

/// The keywords of all detectors.
pub(super) struct Keywords {
    /// How all of them begin, by three bytes.
    starts: Bits,
    /// How those of four bytes and more begin.
    four: Bits,
    /// Those of three bytes.
    three: Bits,
    /// For the upper half of each mixed beginning the number of its list; 0 is the empty one.
    heads: Vec<u16>,
    lists: Vec<List>,
}

impl Keywords {
    /// Learns keywords of three bytes and more, each with the number of who asks for it.
    pub(super) fn new(all: impl Iterator<Item = (&'static str, u16)>) -> Self {
        let (heads, lists) = (vec![0; 1 << 16], vec![Vec::new()]);
        let mut known = Self { starts: Bits::none(), four: Bits::none(), three: Bits::none(), heads, lists };
        for (keyword, owner) in all {
            let start = key(keyword.as_bytes());
            known.starts.set(start & THREE);
            match keyword.len() {
                0..3 => continue,
                3 => known.three.set(start),
                _ => known.four.set(start),
            }
            let Some(head) = known.heads.get_mut((mixed(start) >> 16) as usize) else { continue };
            if *head == 0 {
                *head = u16::try_from(known.lists.len()).unwrap_or(0);
                known.lists.push(Vec::new());
            }
            if let Some(list) = known.lists.get_mut(usize::from(*head)) {
                list.push((keyword, owner));
            }
        }
        known
    }

    /// Calls back for each place of each keyword, in whatever case it is written.
    pub(super) fn find(&self, text: &[u8], found: &mut dyn FnMut(usize, &'static str, u16)) {
        for (start, window) in text.windows(4).enumerate() {
            let [a, b, c, d] = window else { continue };
            let key = u32::from_le_bytes([*a, *b, *c, *d]) | FOLD;
            if self.starts.has(key & THREE) {
                self.compare(text, start, key, found);
            }
        }
        // The last three bytes have no fourth.
        if let Some(start) = text.len().checked_sub(3) {
            self.compare(text, start, key(text.get(start..).unwrap_or_default()), found);
        }
    }

    #[inline(never)]
    fn compare(&self, text: &[u8], start: usize, key: u32, found: &mut dyn FnMut(usize, &'static str, u16)) {
        if !(self.four.has(key) || self.three.has(key & THREE)) {
            return;
        }
        let list = |key: u32| {
            let head = self.heads.get((mixed(key) >> 16) as usize).copied().unwrap_or(0);
            self.lists.get(usize::from(head)).map_or(&[][..], Vec::as_slice)
        };
        let (three, four) = (list(key & THREE), list(key));
        let three = three.iter().filter(|(keyword, _)| keyword.len() == 3);
        let four = four.iter().filter(|(keyword, _)| keyword.len() > 3);
        for &(keyword, owner) in three.chain(four) {
            let here = text.get(start..start + keyword.len());
            if here.is_some_and(|here| here.eq_ignore_ascii_case(keyword.as_bytes())) {
                found(start, keyword, owner);
            }
        }
    }
}
