"""Our own word lists: topics with things, doings and places, and made-up names. No real person or firm is meant."""

TOPICS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "kitchen": (
        ("sourdough starter", "lentil soup", "cast-iron pan", "birthday cake", "rice cooker", "spice rack", "freezer",
         "pizza stone", "fermented cabbage", "lunch box", "chickpea stew", "pressure cooker", "oven thermometer"),
        ("rises too slowly", "burns at the edge", "keeps for a week", "tastes flat", "needs more acid",
         "serves eleven people", "went soggy overnight", "can be made ahead", "costs too much",
             "sticks to the bottom"),
    ),
    "software": (
        ("migration script", "login page", "message queue", "unit test", "date parser", "cache layer", "build server",
         "memory leak", "retry loop", "search index", "feature flag", "config file", "stack trace", "web socket"),
        ("fails only in production", "times out after thirty seconds", "returns an empty list",
            "blocks the main thread",
         "needs a second reviewer", "breaks on leap years", "doubles every request", "prints the wrong zone",
         "passes locally", "was written years ago"),
    ),
    "money": (
        ("monthly invoice", "travel budget", "savings plan", "tax form", "rent increase", "exchange fee",
         "loan offer",
         "expense report", "pension letter", "insurance claim", "late payment", "receipt folder", "price list"),
        ("does not add up", "is due on Friday", "was charged twice", "needs a signature", "fell by nine percent",
         "has to be appealed", "covers only half", "was sent to the wrong office", "looks better than last year"),
    ),
    "garden": (
        ("tomato bed", "hedge", "compost heap", "apple tree", "rain barrel", "greenhouse", "lawn", "bee hotel",
         "raised bed", "rose cutting", "garden path", "pond pump", "potato row", "balcony box"),
        ("gets too much shade", "dries out by noon", "is full of slugs", "flowers in late spring",
            "must be pruned soon",
         "leans to one side", "survived the frost", "attracts wasps", "turned yellow"),
    ),
    "school": (
        ("history essay", "chemistry lab", "reading group", "thesis chapter", "spelling list", "field trip",
         "exam plan",
         "parents' evening", "group project", "lecture notes", "book report", "science fair", "study room"),
        ("is due next week", "needs three sources", "confuses half the class", "was marked too strictly",
         "covers two centuries", "has no clear question", "takes forty minutes", "must fit on one page"),
    ),
    "travel": (
        ("night train", "ferry ticket", "hostel room", "hiking trail", "visa form", "rental car", "museum pass",
         "packing list", "mountain hut", "airport bus", "city map", "camping stove", "border crossing"),
        ("is sold out in June", "leaves before dawn", "needs a reservation", "takes two days",
            "was closed for repairs",
         "costs less on Tuesdays", "is not on the map", "gets crowded at noon", "smells of diesel"),
    ),
    "health": (
        ("running plan", "knee brace", "sleep diary", "blood test", "physio exercise", "flu season", "allergy spray",
         "back pain", "vitamin label", "standing desk", "resting pulse", "swimming lesson", "eye check"),
        ("hurts on stairs", "helps only at night", "went up slightly", "should be repeated", "takes six weeks",
         "is hard to read", "makes me drowsy", "starts in October", "needs a doctor's note"),
    ),
    "home": (
        ("washing machine", "leaking tap", "spare room", "wool carpet", "smoke alarm", "bookshelf", "heating bill",
         "front door", "attic window", "paint colour", "dripping gutter", "old radio", "kitchen tiles"),
        ("hums all night", "was fitted badly", "needs a new seal", "does not close", "blocks the stairs",
         "looks dull in winter", "cost more than planned", "is older than the house", "rattles in wind"),
    ),
    "work": (
        ("status report", "hiring round", "stand-up meeting", "customer survey", "sales call", "shift plan",
         "contract",
         "press release", "training day", "warehouse count", "support ticket", "roadmap slide", "annual review"),
        ("runs over every time", "was moved to Thursday", "has no owner", "reads like an advert",
            "annoys the night shift",
         "lacks any figures", "must go out today", "was signed in March", "covers four regions"),
    ),
    "stories": (
        ("lighthouse keeper", "lost brother", "time machine", "talking crow", "harbour town", "retired detective",
         "glass city", "school play", "winter market", "paper boat", "dragon egg", "radio host", "border guard"),
        ("keeps a secret", "wakes up in another year", "is afraid of water", "never answers letters",
         "finds a hidden door", "loses a bet", "forgets one name", "writes to the moon", "sells the last ticket"),
    ),
}  # fmt: skip

OPENERS: tuple[str, ...] = (
    "Last week", "After the update", "In my opinion", "At the moment", "For some reason", "Since Monday",
    "According to my notes", "By the way", "To be fair", "In the second half", "Before lunch", "As far as I know",
    "During the call", "On the other hand", "For our small team", "In the last three tries", "Apart from that",
)  # fmt: skip

LINKS: tuple[str, ...] = (
    "because", "although", "while", "and so", "but then", "which means that", "even when", "until", "as soon as",
    "unless", "so that", "whereas",
)  # fmt: skip

SYLLABLES: tuple[str, ...] = (
    "ba", "bel", "cor", "da", "del", "fen", "gar", "hol", "jun", "kas", "kel", "lan", "lor", "mar", "mi", "nor",
    "ola",
    "pel", "quin", "ras", "ro", "sel", "sor", "ta", "tri", "ul", "ven", "vor", "wen", "yar", "zel", "zo",
)  # fmt: skip

PRODUCTS: tuple[str, ...] = (
    "parking permits", "office chairs", "bicycle repairs", "hearing aids", "train passes", "tax software",
    "garden tools", "library cards", "phone plans", "pet insurance", "language courses", "ski rental", "solar panels",
    "meal boxes", "apartment leases", "clinic appointments", "streaming tickets", "spare parts", "freight tracking",
    "gift cards", "event tickets", "student loans", "wine clubs", "laundry services", "dental plans", "car sharing",
)  # fmt: skip


def name(numbers: tuple[int, int, int]) -> str:
    """A made-up name from three numbers."""
    return "".join(SYLLABLES[number % len(SYLLABLES)] for number in numbers).capitalize()
