"""Closed sets of words that the rules read: who acts, what goes before a noun, what holds two actions apart."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of `text`, as a set."""
    return frozenset(text.split())


DETERMINERS = word_set(
    "a an the his her their its my your this these those another each every both some any no several "
    "few more one two three four five six seven eight nine ten many multiple couple various half 1 2 3 4 5 6 7 "
    "8 9 10"
)
NUMBERS = word_set(
    "a an one two three four five six seven eight nine ten several few many multiple couple some more 1 2 3 4 5 6 "
    "7 8 9 10"
)
PREPOSITIONS = word_set(
    "in of with upon by from at on onto into for like without between under against during inside per via using"
)
PARTICLES = word_set(
    "up down forward forwards foward fowards backward backwards back around round away out over off left "
    "right straight sideways upward upwards downward downwards in again along together aside apart twice "
    "once ahead clockwise counterclockwise counter-clockwise there here side through across to"
)
"""Words after which a verb may follow without a connective: "turns around walks back"."""

PRONOUNS = word_set("he she they it who someone somebody you i we")
PEOPLE = word_set(
    "person persons people man men woman women boy girl guy human humans figure character sim subject "
    "individual someone somebody stickman dancer player lady individuals actor body model avatar "
    "stick-figure he she they it who perosn peson persona persom"
)
BODY_PARTS = word_set(
    "hand hands arm arms leg legs foot feet knee knees elbow elbows head shoulder shoulders hip hips "
    "torso wrist wrists finger fingers palm palms fist fists thigh thighs toe toes heel heels eye eyes "
    "neck waist back chest forearm forearms body bodies ankle ankles face"
)
ADVERBS = word_set(
    "again also just once twice still almost only first second fast slow hard back even now soon further "
    "half side both either immediately not never maybe perhaps quick simply gently this time instead"
)
LIGHT_VERBS = word_set("do make take perform throw practice practise give execute have complete land deliver")
"""Their objects are actions in the plural: "takes steps", "throws punches"."""

AUXILIARIES = word_set(
    "is are was were be been being am 's 're has have had having 've does did can could will would may "
    "might must gets got get 'd 'll should cannot"
)
BE = word_set("is are was were be been being am 's 're gets get got getting")
HAVE = word_set("has have had having")
NEGATIONS = word_set("not n't never cannot without unable fails doesnt didnt dont")

SUBORDINATORS = word_set(
    "while whilst as if though although like because when whenever where until till unless since who whom "
    "whose which that what how why whether than once"
)
SIMULTANEOUS = (
    ("at", "the", "same", "time"),
    ("at", "same", "time"),
    ("simultaneously",),
    ("simultaneous",),
    ("concurrently",),
    ("at", "once"),
    ("in", "unison"),
    ("meanwhile",),
    ("all", "while"),
    ("all", "the", "while"),
    ("as", "well"),
    ("during",),
    ("total",),
    ("in", "between"),
    ("while", "doing"),
)
"""They tie the actions before them into one moment."""

RAISING = word_set(
    "start begin continue proceed appear seem try attempt resume go about tend prepare "
    "decide happen pretend need want ready"
)
"""Verbs whose infinitive is the action itself: "starts to run", "appears to sit"."""

SEQUENCE_WORDS = word_set(
    "then finally next afterwards afterward lastly later thereafter subsequently eventually followed"
)
"""They say that what follows comes later."""
WEAK_CONNECTIVES = word_set("and but , & yet")

HELD = word_set(
    "stand sit kneel hold lean lie lay stay remain keep balance face squat crouch rest wear hang have be hover "
    "pose carry"
)
"""Verbs of a posture that lasts while something else happens."""
LOCOMOTION = word_set(
    "walk run jog march pace stroll crawl skip hop dance strut sneak tiptoe limp stagger sprint wander "
    "jump skate swim march waddle shuffle trot moonwalk"
)
NEEDS_OBJECT = word_set(
    "lift raise pick put place throw hold grab push pull lower bring carry extend catch open close rub toss "
    "cross uncross thrust fold grasp set"
)
