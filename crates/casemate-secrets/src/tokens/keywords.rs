//! Finds the keywords of all detectors in one pass.
//!
//! Each place of a text is asked by its next three bytes, in one case, whether a keyword begins like that: one bit of
//! eight kilobytes; the second to fourth byte are asked the same way, and only where both agree anything is compared.
//! Both answers together are one branch that is hardly ever taken, so that the processor does not stumble.
//! An automaton over all keywords takes milliseconds to build, which a hook feels; this takes a few hundred
//! microseconds, and is no slower in a text.

/// Three bytes of any text, folded and mixed into the number of a bit.
fn slot(a: u8, b: u8, c: u8) -> u16 {
    let key = u32::from(a | 0x20) | u32::from(b | 0x20) << 8 | u32::from(c | 0x20) << 16;
    // Multiplying by the golden ratio mixes upwards; the upper half of the product is kept.
    let [_, _, low, high] = key.wrapping_mul(0x9e37_79b1).to_le_bytes();
    u16::from_le_bytes([low, high])
}

/// One bit for each slot.
struct Bits(Box<[u64; 1024]>);

impl Bits {
    fn set(&mut self, slot: u16) {
        if let Some(word) = self.0.get_mut(usize::from(slot >> 6)) {
            *word |= 1 << (slot & 63);
        }
    }

    #[inline]
    fn has(&self, slot: u16) -> bool {
        // 1024 words of 64 bits: the compiler sees that a number of 16 bits stays inside.
        self.0[usize::from(slot >> 6)] >> (slot & 63) & 1 != 0
    }
}

/// The keywords of all detectors.
pub(super) struct Keywords {
    begins: Bits,
    /// How they go on, from their second byte; of those of three bytes, with any fourth.
    continues: Bits,
    /// For each slot the number of its list; 0 is the empty one.
    heads: Vec<u16>,
    lists: Vec<Vec<(&'static str, u16)>>,
}

impl Keywords {
    /// Learns keywords of three bytes and more, each with the number of who asks for it.
    pub(super) fn new(all: impl Iterator<Item = (&'static str, u16)>) -> Self {
        let none = || Bits(Box::new([0; 1024]));
        let (heads, lists) = (vec![0; 1 << 16], vec![Vec::new()]);
        let mut known = Self { begins: none(), continues: none(), heads, lists };
        for (keyword, owner) in all {
            let [a, b, c, rest @ ..] = keyword.as_bytes() else { continue };
            let start = slot(*a, *b, *c);
            known.begins.set(start);
            match rest {
                [d, ..] => known.continues.set(slot(*b, *c, *d)),
                [] => (0..=u8::MAX).for_each(|d| known.continues.set(slot(*b, *c, d))),
            }
            let Some(head) = known.heads.get_mut(usize::from(start)) else { continue };
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
        let Some([a, b, c, ..]) = text.get(..3) else { return };
        let mut begin = slot(*a, *b, *c);
        for (start, window) in text.windows(4).enumerate() {
            let [_, b, c, d] = window else { continue };
            let next = slot(*b, *c, *d);
            if self.begins.has(begin) & self.continues.has(next) {
                self.compare(text, start, begin, found);
            }
            begin = next;
        }
        // The last three bytes have no fourth.
        self.compare(text, text.len() - 3, begin, found);
    }

    #[inline(never)]
    fn compare(&self, text: &[u8], start: usize, begin: u16, found: &mut dyn FnMut(usize, &'static str, u16)) {
        let head = self.heads.get(usize::from(begin)).copied().unwrap_or(0);
        for &(keyword, owner) in self.lists.get(usize::from(head)).map_or(&[][..], Vec::as_slice) {
            let here = text.get(start..start + keyword.len());
            if here.is_some_and(|here| here.eq_ignore_ascii_case(keyword.as_bytes())) {
                found(start, keyword, owner);
            }
        }
    }
}
