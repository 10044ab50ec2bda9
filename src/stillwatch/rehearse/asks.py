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
    "(Fix|Debug|Review|Explain) (this|my) code:\n```\ndef {v}\\({v}, n={d}\\):\n    # {t}\n"
    "    {v} = [{v}_{d}\\(i\\) for i in {v}]\n    return {v}[:n]\n```\n{s}",
)  # fmt: skip

OTHER_LANGUAGES: dict[str, tuple[tuple[Grammar, ...], tuple[str, ...]]] = {
    "es": (
        grammars("¿(Cómo puedo|Cómo hago para|Qué hago para) (mejorar|entender|arreglar|explicar) {w}( si {w}|)?",
                 "(Escribe|Redacta|Prepara) (un correo|una carta|un mensaje) (para|a) {n} (sobre|acerca de) {w}.",
                 "(Explícame|Cuéntame|Resume) {w} (con un ejemplo|en {d} líneas|paso a paso), (por favor|gracias).",
                 "{w}: ¿(vale la pena|es normal|qué opinas)? {n} (dice|cree|piensa) que {w}.",
                 "(Necesito|Busco|Dame) {d} (ideas|razones|nombres) para {w}, (sin|con) {w}."),
        ("factura del agua", "horario de clases", "receta de lentejas", "contrato", "currículum", "portátil", "viaje",
         "examen", "mudanza", "excusa", "jardín", "verbo", "vecino", "lámpara", "tren", "boda"),
    ),
    "de": (
        grammars("(Wie kann ich|Wie soll ich|Was tun, um) {w} (verbessern|erklären|planen|ordnen)( ohne {w}|)?",
                 "(Schreib|Formuliere|Entwirf) (mir |)(eine E-Mail|einen Brief|eine Nachricht) an {n} über {w}.",
                 "(Erkläre|Beschreibe|Fasse zusammen): {w} (in {d} Sätzen|für Anfänger|mit einem Beispiel).",
                 "{n} (meint|sagt|glaubt), {w} (sei|wäre) {w}. (Stimmt das|Was meinst du|Warum)?",
                 "(Ich brauche|Nenne mir|Gib mir) {d} (Ideen|Gründe|Namen) für {w} und {w}."),
        ("Nebenkosten", "Stundenplan", "Linsensuppe", "Mietvertrag", "Lebenslauf", "Heizung", "Zugreise", "Prüfung",
         "Umzug", "Gemüsegarten", "Nachbar", "Lampe", "Hochzeit", "Fahrrad", "Steuer"),
    ),
    "fr": (
        grammars("(Comment|De quelle façon) (améliorer|expliquer|préparer|ranger) {w}( sans {w}|) ?",
                 "(Écris|Rédige|Prépare) (un courriel|une lettre|un message) (à|pour) {n} (au sujet de|sur) {w}.",
                 "Peux-tu (résumer|décrire|comparer) {w} et {w} en {d} (phrases|points) ?",
                 "{n} (pense|dit|croit) que {w}. (Est-ce vrai|Qu'en penses-tu|Pourquoi) ?",
                 "(Donne|Trouve|Propose)-moi {d} (idées|raisons|titres) pour {w}."),
        ("facture", "emploi du temps", "soupe", "bail", "CV", "chauffage", "voyage", "examen", "déménagement",
         "potager", "voisin", "lampe", "mariage", "vélo", "impôt"),
    ),
    "pt": (
        grammars("(Como posso|Como faço para) (melhorar|explicar|organizar|consertar) {w}( sem {w}|)?",
                 "(Escreva|Faça|Prepare) (um e-mail|uma carta|um texto) para {n} sobre {w}.",
                 "{n} (acha|diz|pensa) que {w}. (Será|É verdade|Por quê)?",
                 "(Preciso de|Quero|Liste) {d} (ideias|motivos|nomes) para {w} e {w}."),
        ("conta de luz", "horário", "feijão", "contrato", "currículo", "viagem", "prova", "mudança", "horta",
         "orçamento", "vizinho", "bicicleta", "festa", "imposto"),
    ),
    "zh": (
        grammars("(请问|麻烦问一下|)(怎么|如何)(改进|解释|安排|修理){w}(，还有{w}|)？",
                 "(帮我|请)写(一封信|一条消息|一篇短文)给{n}，关于{w}，{d}(字|句)左右。",
                 "用{d}句话(总结|说明|比较)一下{w}(，谢谢|和{w})。",
                 "{n}(说|觉得|认为){w}，(对吗|你怎么看|为什么)？",
                 "(给我|列出|想){d}个(主意|理由|名字)，(主题|内容)是{w}。"),
        ("水电费", "课程表", "豆腐", "合同", "简历", "暖气", "旅行", "考试", "搬家", "阳台", "周报", "数据库", "邻居",
         "自行车", "婚礼"),
    ),
    "ja": (
        grammars("{w}を(改善|説明|計画|修理)(するには|したいのですが)、どうすれば(いい|よい)ですか。(理由も{d}つ。|)",
                 "{n}さんに{w}について(メール|手紙|短い文章)を書いて(ください|)。",
                 "{n}さんは{w}だと(言う|思う)けど、(本当|なぜ|どう思う)？",
                 "{w}と{w}を{d}行で(比べて|まとめて|説明して)(ください|)。"),
        ("電気代", "時間割", "豆の煮込み", "契約", "履歴書", "暖房",
         "旅", "試験", "引っ越し", "菜園", "隣人", "自転車", "結婚式"),
    ),
    "ru": (
        grammars("(Как|Каким образом) (лучше |)(объяснить|спланировать|исправить|описать) {w}( без {w}|)?",
                 "(Напиши|Составь|Придумай) (письмо|сообщение|заметку) для {n} про {w}, {d} (строк|слов).",
                 "{n} (говорит|думает|считает), что {w}. (Это правда|Почему|Что скажешь)?",
                 "(Нужно|Дай|Назови) {d} (идей|причин|имён) для {w} и {w}."),
        ("счёт", "расписание", "суп", "договор", "резюме", "отопление", "поездка", "экзамен", "переезд", "огород",
         "сосед", "велосипед", "свадьба", "налог"),
    ),
    "hi": (
        grammars("{w} को (बेहतर|आसान) (कैसे करूँ|बनाऊँ)(?| और {w} भी?)",
                 "{n} को {w} (के बारे में|पर) (पत्र|संदेश|लेख) (लिखिए|लिखो), {d} (पंक्तियाँ|शब्द)।",
                 "{n} (कहता|मानता) है कि {w}। (सच|क्यों|क्या सोचते हो)?",
                 "{w} और {w} में (अंतर|समानता) {d} (वाक्य|बिंदु) में।"),
        ("बिजली", "समय-सारणी", "दाल", "अनुबंध", "परिचय", "यात्रा", "परीक्षा", "घर", "सब्ज़ी", "पड़ोसी", "साइकिल", "शादी"),
    ),
    "ar": (
        grammars("كيف (يمكنني|أستطيع) (تحسين|شرح|ترتيب|إصلاح) {w}( مع {w}|)؟",
                 "اكتب (رسالة|نصًا|مقالًا) إلى {n} (عن|حول) {w} في {d} (أسطر|جمل).",
                 "{n} (يقول|يظن) إن {w}. (هل هذا صحيح|لماذا|ما رأيك)؟",
                 "(أريد|أعطني|اذكر) {d} (أفكار|أسباب|أسماء) عن {w} و{w}."),
        ("فاتورة", "جدول", "حساء", "عقد", "سيرة", "رحلة", "امتحان", "بيت", "حديقة", "جار", "دراجة", "زفاف"),
    ),
}  # fmt: skip


def _thing(things: tuple[str, ...], dice: Dice) -> str:
    """A thing and a made-up word in the same script, so that strangers of one language do not write the same lines."""
    made = "".join(dice.pick(things)[:3].strip() for _ in range(2)) + dice.pick(things)[-2:].strip()
    return f"{dice.pick(things)} {made}" if dice.chance(0.5) else f"{made} {dice.pick(things)}"


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
            text = text.replace("{w}", _thing(things, dice), 1)
        text = text.replace("{n}", dice.pick(voice.names))
        if dice.chance(0.4):
            text += " " + dice.pick(frames).spin(dice).replace("{w}", _thing(things, dice)).replace("{n}", a_name(dice))
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
