"""Captions and the sub-texts that a reader gives them; " | " stands where they part."""

from __future__ import annotations

SEQUENCES = [
    "a dancer hops forward | bows to the crowd",
    "a man strolls ahead | crouches | picks up a coin",
    "she marches backward | swings her left leg",
    "the figure pushes a crate | wipes its forehead | leaves",
    "someone is jogging along a fence | starts to limp",
    "a woman squats down | throws a ball underhand",
    "he sits down | waves at a friend",
    "the child stands up | walks to the door",
    "a person gets shoved from behind | recovers",
    "hopping twice on the spot | turning around",
    "they climb a ladder | rest | climb back down",
]
"""Joined in every way below, these actions follow each other."""

JOINTS = [
    " and then ",
    ", then ",
    " then ",
    ", and then ",
    "; then ",
    ". then ",
    ", and finally ",
    " afterwards ",
]

WHOLE = [
    # one action, or none
    "a gymnast does a cartwheel",
    "left arm out, palm up",
    "",
    "   ",
    "?!",
    # at the same time
    "a man squats while raising both arms",
    "the boy waves with his left hand as he walks across the room",
    "a woman claps and stamps at the same time",
    "the figure spins and simultaneously lowers its head",
    "a girl jumps and turns halfway in the air",
    "someone is walking and whistling",
    # held postures
    "a guard stands and salutes with the right hand",
    "the woman sits on a bench and swings her feet",
    "a man kneels and scrubs the floor",
    "a waiter holds a tray with one hand and points with the other",
    "a person leans to the left and drinks from a cup",
    "with both arms raised the dancer walks around",
    "a person has their arms crossed and shakes their head",
    # participles that describe
    "an old man walks slowly, dragging his right foot",
    "the player runs forward swinging a bat",
    "beginning with the left foot, a soldier marches ahead",
    # purpose, comparison, relative clauses
    "a cook bends down to open the oven and pull out a tray",
    "he stretches his arms as if he yawns and wakes up",
    "the man who limps walks to the left",
    "someone reaches out in order to grab and lift a box",
    # one verb for both sides
    "a boxer punches with the left fist then with the right",
    "she steps forward then backward",
    "the man paces left, then right, and then left again",
    # nouns that look like verbs
    "a dancer takes two quick steps and a turn",
    "the athlete does squats and jumps",
    "a boxer throws kicks and punches",
    "he walks with small steps",
    # the object is shared
    "a mover lifts and carries a sofa",
    "a carpenter walks along a plank, using both arms to keep steady",
    "a hiker takes three long steps and then two more steps",
    # only seems
    "a girl kneels and seems to be planting flowers",
    # nothing more is done
    "a runner stumbles but does not fall",
    "an actor walks on stage. he is very proud",
    "the woman dances. it looks like a waltz",
    # body parts
    "the left arm swings forward and the right arm swings back",
]

PARTED = [
    # order of occurrence
    ("a boy sits down after jumping over a rope", "jumping over a rope | a boy sits down"),
    ("after stretching, the runner sprints off", "stretching | the runner sprints off"),
    ("before sitting, the man wipes the chair", "the man wipes the chair | sitting"),
    ("a girl hops twice before sitting on the floor", "a girl hops twice | sitting on the floor"),
    ("he waves. after that, he leaves", "he waves | he leaves"),
    ("a man walks off after a few seconds", None),
    # postures that end
    ("a man sits on a stool and gets up", "a man sits on a stool | gets up"),
    ("a person is standing still then kneels", "a person is standing still | kneels"),
    ("he crawls ahead, then stands and shouts", "he crawls ahead | stands | shouts"),
    ("a child is on her knees and gets up", "a child is on her knees | gets up"),
    (
        "a cook turns around before tasting the soup, adding salt and stirring it",
        "a cook turns around | tasting the soup | adding salt | stirring it",
    ),
    # several joints
    (
        "a man holds a rope and pulls it, then falls and rolls over",
        "a man holds a rope and pulls it | falls | rolls over",
    ),
    # sentences and subjects
    ("a man bows. he then walks off", "a man bows | he then walks off"),
    ("the woman kneels down, she prays", "the woman kneels down | she prays"),
    ("someone ducks; they run away", "someone ducks | they run away"),
    # no connective
    ("man strides ahead turns around strolls back", "man strides ahead | turns around | strolls back"),
    # repetition
    ("a girl skips to the wall and repeats it", "a girl skips to the wall | repeats it"),
    ("a clown juggles, bows, and does it again", "a clown juggles | bows | does it again"),
    # each side needs a verb
    ("she kicks left then right then stops", "she kicks left then right | stops"),
    ("a man bows and then with his left hand waves", "a man bows | with his left hand waves"),
    # the text as it was written
    ("  A Man Walks, (slowly) then JUMPS.  ", "A Man Walks, (slowly | JUMPS"),
    ("he turns 90° to the left,then hops", "he turns 90° to the left | hops"),
    ("a man's arm is hurt, he doesn't walk", None),
    # slips
    ("a woman kneels them stands up", "a woman kneels | stands up"),
    ("a man hops forward an then bows", "a man hops forward | bows"),
    ("the girl walks ahead the turns to the left", "the girl walks ahead | turns to the left"),
    ("a man walks up the steps", None),
    ("he jogs ahead than stops", "he jogs ahead | stops"),
    ("a person streches upward then squatts low", "a person streches upward | squatts low"),
    ("a thief slowly crept ahead and grabed a purse", "a thief slowly crept ahead | grabed a purse"),
    ("a woman lowers her arm he bows deeply", "a woman lowers her arm | he bows deeply"),
    # verbs no lexicon has
    ("a guest curtsies then moonsaults over a bench", "a guest curtsies | moonsaults over a bench"),
]
"""A caption and its sub-texts, or None where it stays whole."""
