"""Texts of many scripts for the kernel tests, written for them, and a strategy that mixes such material."""

from hypothesis import strategies as st

SCRIPTS: dict[str, str] = {
    "latin": "Please explain, step by step, how the tides follow the Moon, and why there are two a day.",
    "accents": "Où êtes-vous né ? Über Größe spricht man später; señor Núñez añadió: «mañana».",
    "decomposed": "Ou\u0301 e\u0302tes-vous ne\u0301 ? U\u0308ber",
    "cyrillic": "Объясни, пожалуйста, подробно, как Луна вызывает приливы и отливы. Ёлка и йод.",
    "greek": "Εξήγησε βήμα προς βήμα πώς η Σελήνη προκαλεί τις παλίρροιες· ΣΊΣΥΦΟΣ.",
    "han": "请一步一步地解释月亮是怎样引起潮汐的，并且写出完整的推理过程。",
    "traditional": "請逐步說明月亮如何引起潮汐，並寫出完整的推理過程。",
    "kana": "月がどのように潮の満ち引きを起こすのか、カタカナとひらがなで順を追って説明してください。ｶﾀｶﾅ",
    "hangul": "달이 어떻게 밀물과 썰물을 일으키는지 단계별로 설명해 주세요.",
    "arabic": "اشرح خطوة بخطوة كيف يسبب القمر المد والجزر، ولماذا يحدث ذلك مرتين في اليوم؟ ٢٠٢٦",
    "hebrew": "הסבר צעד אחר צעד כיצד הירח גורם לגאות ולשפל.",
    "devanagari": "कृपया चरण दर चरण समझाइए कि चंद्रमा ज्वार-भाटा कैसे उत्पन्न करता है। २०२६",
    "thai": "โปรดอธิบายทีละขั้นตอนว่าดวงจันทร์ทำให้เกิดน้ำขึ้นน้ำลงได้อย่างไร",
    "emoji": "Thanks 😀👩‍👩‍👧 ❤️ 🇺🇳 1️⃣ done 🏴\U000e0067\U000e0062\U000e007f!",
    "invisible": "in\u200bvis\u200cib\u2060le\ufeff te\u00adxt \u202eright\u202c \u3164 \u034f end",
    "typographic": "“Quotes”, ‘single’, ‹these›, «those» — dashes – and\u2011hyphens − minus… ﬁne ①②",
    "mathematical": "𝐏𝐥𝐞𝐚𝐬𝐞 𝓮𝔁𝓹𝓵𝓪𝓲𝓷 𝟚𝟘𝟚𝟞 Ｆｕｌｌ　Ｗｉｄｔｈ",
    "ideographs beyond": "𠀀𠮷𪚥𰻞",
    "spaces": "  tabs\t\tand\r\nlines\u2028and\u00a0more\u2003\x00\x1f\x85 ",
    "short": "hi",
    "seven": "letters",
    "gram": "exactly twenty chars",
    "empty": "",
    "only spaces": " \t\n ",
    "repeated": "abc" * 60,
    "constant": "a" * 200,
    "long": " ".join(f"Sentence number {n} speaks of {n * n} things." for n in range(120)),
}

ALL: list[str | None] = [*SCRIPTS.values(), None]

#: Anything that Arrow accepts: no lone surrogates.
texts = st.lists(
    st.one_of(
        st.none(),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        st.text(st.sampled_from("ab \u00e9\u0301\u200b語가ｶ1٣—😀\U00020000\n"), max_size=120),
        st.lists(st.sampled_from(sorted(SCRIPTS.values())), max_size=3).map(" ".join),
    ),
    max_size=8,
)
