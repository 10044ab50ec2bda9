"""What ordinary people ask: frames in several languages, filled with spun text, names and numbers."""

from typing import NamedTuple

from stillwatch.rehearse.babble import Babbler
from stillwatch.rehearse.dice import Dice
from stillwatch.rehearse.spin import Grammar, grammars
from stillwatch.rehearse.words import SYLLABLES, name

#: English frames. ``{t}`` a few words of the topic, ``{s}`` a sentence, ``{p}`` a pasted passage, ``{n}`` a name,
#: ``{d}`` a number.
ENGLISH: tuple[Grammar, ...] = grammars(
    "(how do i|how can I|what's the best way to|any idea how to) (fix|handle|improve|explain|plan) {t}(?| "
    "without {t}?)",
    "(Write|Draft|Can you write|I need) (me |)(a short|a polite|a funny|a formal|an) "
    "(email|note|message|post|letter) to {n} about {t}. {s}",
    "(Explain|Describe|Tell me about) {t} (in simple words|like I am {d}|for a beginner|with an example)(.|, "
    "please.)",
    "(Summarise|Summarize|Shorten|tldr) (this|the following)( text|):\n\n{p}",
    "(Proofread|Correct|Rewrite|Improve) (this|my paragraph|the text below)( and keep the tone|)\n{p}",
    "(Give me|List|I want) {d} (ideas|reasons|names|tips|questions) (for|about) {t}(.|, no explanations.| please)",
    "(Is it|Would it be) (ok|normal|legal|safe) (that|if) {s}",
    "{s} (What should I do|What do you think|What am I missing|Any suggestions)?",
    "(Compare|What is the difference between) {t} and {t}(?|. {s})",
    "(Translate|please translate) (to|into) (Spanish|German|French|Japanese|English|Portuguese): {s}",
    "(I'm|I am) (planning|thinking about|stuck with|worried about) {t}. {s} (Help me|Please advise|Where do I "
    "start)(.|?)",
    "(Write|Create|Compose) a (poem|story|dialogue|toast|limerick) (about|with) {t}( and {n}|)(.| in {d} lines.)",
    "{s} (Think step by step|Show your working|Explain your reasoning)(.| before you answer.| please)",
    "what does \"{t}\" mean( here|)? {s}",
    "(Make|Build) (a|me a) (plan|table|checklist|schedule) for {n}: {t}, {t}, {t}",
    "{p}\n\n(Who is right|What is the main point|What happened to {n}|Which part is wrong)?",
    "(Act as|Pretend you are|You are) (a|my) (coach|lawyer|doctor|teacher|editor|guide). {s} {s}",
    "(quick question|hi|hello|hey)(,| -) {t}(?| or {t}?)",
    "(Why|When|Where) (does|did|would) {t}? {s}",
    "(python|sql|excel|bash|javascript|regex): (how to|need to|can't) {t}. (getting error {d}|works for {d} "
    "rows|line {d} fails)",
    "(Fix|Debug|Review|Explain) (this|my) code:\n```\ndef {v}\\(x, n={d}\\):\n    # {t}\n    y = "
    "[{v}_{d}\\(i\\) for i in x]\n    return y[:n]\n```\n{s}",
)  # fmt: skip

OTHER_LANGUAGES: dict[str, tuple[tuple[Grammar, ...], tuple[str, ...]]] = {
    "es": (
        grammars("¿(Cómo puedo|Cómo hago para|Qué hago para) (mejorar|entender|arreglar) {w}( cuando {w}|)?",
                 "(Escribe|Redacta) (un correo|una carta|un mensaje) para {n} sobre {w}( y {w}|).",
                 "Explícame {w} (con un ejemplo|en {d} líneas|paso a paso), (por favor|gracias)."),
        ("la factura del agua", "el horario de clases", "una receta de lentejas", "el contrato de alquiler",
         "mi currículum", "la memoria del portátil", "un viaje a la costa", "el examen de historia", "la mudanza",
         "una excusa para llegar tarde", "el jardín de mi abuela", "los tiempos verbales"),
    ),
    "de": (
        grammars("(Wie kann ich|Wie soll ich|Was tun, um) {w} (verbessern|erklären|planen)( ohne {w}|)?",
                 "(Schreib|Formuliere) (mir |)(eine E-Mail|einen Brief|eine Nachricht) an {n} über {w}.",
                 "(Erkläre|Beschreibe) {w} (in {d} Sätzen|für Anfänger|mit einem Beispiel)."),
        ("die Nebenkostenabrechnung", "den Stundenplan", "ein Rezept mit Linsen", "den Mietvertrag",
            "meinen Lebenslauf",
         "die Heizung im Altbau", "eine Zugreise", "die Prüfung in Geschichte", "den Umzug", "den Gemüsegarten"),
    ),
    "fr": (
        grammars("(Comment|De quelle façon) (améliorer|expliquer|préparer) {w}( sans {w}|) ?",
                 "(Écris|Rédige) (un courriel|une lettre|un message) à {n} au sujet de {w}.",
                 "Peux-tu (résumer|décrire) {w} en {d} (phrases|points) ?"),
        ("la facture d'électricité", "mon emploi du temps", "une soupe de lentilles", "le bail", "mon CV",
         "le chauffage", "un voyage en train", "l'examen d'histoire", "le déménagement", "le potager"),
    ),
    "pt": (
        grammars("(Como posso|Como faço para) (melhorar|explicar|organizar) {w}( sem {w}|)?",
                 "(Escreva|Faça) (um e-mail|uma carta|um texto) para {n} sobre {w}."),
        ("a conta de luz", "o horário da escola", "uma receita de feijão", "o contrato", "meu currículo",
         "uma viagem de ônibus", "a prova de história", "a mudança", "a horta", "o orçamento da festa"),
    ),
    "zh": (
        grammars("(请问|麻烦问一下|)(怎么|如何)(改进|解释|安排){w}(，还有{w}|)？",
                 "(帮我|请)写(一封信|一条消息|一篇短文)给{n}，关于{w}，{d}(字|句)左右。",
                 "用{d}句话(总结|说明)一下{w}(，谢谢|)。"),
        ("水电费账单", "孩子的课程表", "一道家常豆腐", "租房合同", "我的简历", "老房子的暖气", "周末的火车旅行",
         "历史考试", "搬家计划", "阳台上的菜", "部门的周报", "一个数据库错误"),
    ),
    "ja": (
        grammars("{w}を(改善|説明|計画)(するには|したいのですが)、どうすれば(いい|よい)ですか。(理由も{d}つ教えて。|)",
                 "{n}さんに{w}について(メール|手紙|短い文章)を書いて(ください|)。"),
        ("電気代の請求書", "時間割", "豆の煮込み", "賃貸契約", "履歴書", "古い家の暖房", "電車の旅", "歴史の試験",
         "引っ越しの準備", "家庭菜園"),
    ),
    "ru": (
        grammars("(Как|Каким образом) (лучше |)(объяснить|спланировать|исправить) {w}( без {w}|)?",
                 "(Напиши|Составь) (письмо|сообщение|заметку) для {n} про {w}, {d} (строк|предложений)."),
        ("счёт за воду", "расписание уроков", "рецепт чечевичного супа", "договор аренды", "моё резюме",
         "отопление в старом доме", "поездку на поезде", "экзамен по истории", "переезд", "огород"),
    ),
    "hi": (
        grammars("{w} को (बेहतर|आसान) (कैसे करूँ|बनाने का तरीका बताइए)(?| और {w} भी?)",
            "{n} को {w} के बारे में (एक पत्र|एक संदेश) लिखिए, {d} पंक्तियाँ।"),
        ("बिजली का बिल", "स्कूल की समय-सारणी", "दाल की विधि", "किराये का अनुबंध", "मेरा परिचय पत्र", "रेल यात्रा",
         "इतिहास की परीक्षा", "घर बदलना", "सब्ज़ी का बगीचा"),
    ),
    "ar": (
        grammars("كيف (يمكنني|أستطيع) (تحسين|شرح|ترتيب) {w}( مع {w}|)؟", "اكتب (رسالة|نصًا قصيرًا) إلى {n} عن "
            "{w} في {d} (أسطر|جمل)."),
        ("فاتورة الماء", "جدول الدروس", "حساء العدس", "عقد الإيجار", "سيرتي الذاتية", "رحلة القطار", "امتحان التاريخ",
         "الانتقال إلى بيت جديد", "حديقة الخضار"),
    ),
}  # fmt: skip


class Voice(NamedTuple):
    """How one person writes: language, the topics on their mind, the names in their life, their habits of typing."""

    language: str
    babblers: tuple[Babbler, ...]
    names: tuple[str, ...]
    lower: bool


def a_name(dice: Dice) -> str:
    return name((dice.roll(len(SYLLABLES)), dice.roll(len(SYLLABLES)), dice.roll(len(SYLLABLES))))


def words_of(babbler: Babbler, dice: Dice, most: int = 6) -> str:
    """A few words of a topic, without the full stop."""
    return babbler.sentence(dice, 1).rstrip(".,:;!?")[: most * 9]


def ask(voice: Voice, dice: Dice) -> str:
    """One opening prompt of a person."""
    if voice.language != "en":
        frames, things = OTHER_LANGUAGES[voice.language]
        text = dice.pick(frames).spin(dice)
        while "{w}" in text:
            text = text.replace("{w}", dice.pick(things), 1)
        text = text.replace("{n}", dice.pick(voice.names))
        if dice.chance(0.4):
            text += " " + dice.pick(frames).spin(dice).replace("{w}", dice.pick(things)).replace("{n}", a_name(dice))
        return text.replace("{d}", str(2 + dice.roll(60)))
    return fill(dice.pick(ENGLISH).spin(dice), voice, dice)


def fill(text: str, voice: Voice, dice: Dice) -> str:
    """Puts words, sentences, passages, names and numbers into the places of an English frame."""
    babbler = dice.pick(voice.babblers)
    while "{t}" in text:
        text = text.replace("{t}", words_of(babbler, dice), 1)
    while "{s}" in text:
        text = text.replace("{s}", babbler.sentence(dice, 2 + dice.roll(4)), 1)
    if "{p}" in text:
        text = text.replace("{p}", babbler.passage(dice, 2 + dice.roll(7)))
    while "{v}" in text:
        text = text.replace("{v}", a_name(dice).lower(), 1)
    while "{d}" in text:
        text = text.replace("{d}", str(2 + dice.roll(97)), 1)
    text = text.replace("{n}", dice.pick(voice.names))
    return text.lower() if voice.lower else text


FOLLOW_UPS: tuple[Grammar, ...] = grammars(
    "(thanks|ok|great|hmm)(,|!|.) (but |and |)(what about|how about|can you also do) {t}?",
    "(make it|can you make it) (shorter|longer|less formal|funnier|clearer)( and mention {t}|)",
    "(no|not quite|wait)(,| -) {s}",
    "(why|are you sure|where does that come from)?( {s}|)",
    "(now|then) (do the same|rewrite it|add a line) for {n}",
    "{s}",
)


def follow_up(voice: Voice, dice: Dice) -> str:
    """What a person says next in the same conversation."""
    if voice.language != "en":
        return ask(voice, dice)
    return fill(dice.pick(FOLLOW_UPS).spin(dice), voice, dice)
