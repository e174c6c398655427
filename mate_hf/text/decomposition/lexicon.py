"""Verbs that captions of motion use, because a tagger takes "turns" and "steps" for nouns."""

from __future__ import annotations

REGULAR_VERBS = """
    accept act adjust aim alternate answer appear applaud approach arch attempt avoid back backstep backtrack balance
    bat beckon block bob bounce bow box brace break breakdance brush bump button call carry cartwheel cast
    celebrate change check chop clap clasp clean clench climb close clutch collapse collect compensate
    complete continue counteract counterbalance cough cover crack cradle crawl crumple creep crisscross cross crouch curl curtsy curve dab
    dance dash decide decrease descend dial dip dodge drag dribble drift drop drum dry duck dust elbow emulate end
    engage enter gargle palm evade examine execute exercise exit expand explain extend face fail fake fidget fiddle finish fish
    fix flail flap flex flick flip flutter fold follow form gain gallop gesticulate gesture glance glide goof grab
    grasp greet grip guard gyrate halt hammer handle happen headbutt hesitate hinge hobble hoist hop hug hunch hurdle
    hurry imitate increase inspect interact interlock jab jerk jig jiggle jog join juggle jump karate kick kneel knock
    land lather laugh launch lean leap leave lift limp lob look loop loosen lower lunge manipulate march massage meander
    meditate mimic mime mix moonwalk mop motion move muse nod observe offer open operate orient outstretch pace paddle
    paint pant parade pass pat pause paw pedal peel peer perform pet pick pirouette pitch pivot place plank
    plant play plop point poke pose position pound pour practice practise prance prepare press pretend proceed prop
    protect pull pump punch push raise reach react ready receive recline recoil recover reel regain relax release
    remain remove repeat replace rest resume retrace retract retreat retrieve return reverse revert rewind rise roam
    rock roll rotate rub rush sashay salute saunter scan scoop scoot scratch scrub search seem serve settle shake
    shamble shield shift shimmy shiver shoot shove shovel show shrug shuffle sidestep sidle signal sip skate skip
    slam slap slide slip slouch slow smack smash smell smoke sneak sneeze snatch spar spin splash splay spread sprint
    squat squeeze squirm stagger stamp stand start startle stay steady step stir stomp stoop stop straddle
    straighten strafe stretch stroke stroll strum struggle strut stumble sway swap swat swipe swirl swish switch
    swivel tap taunt tend thrash throw thrust tilt tip tiptoe topple toss touch trace transfer transition travel tread
    trip trot try tuck tumble turn twerk twirl twist twitch type unbutton unclasp uncross unfold unscrew unwind use
    vault veer wade wag waddle wait waive walk waltz wander warm wash watch wave wiggle windmill wipe wobble work
    wrap wrestle wriggle write yawn zigzag
    attack stare strike collide kiss gaze drum skid swagger rear bang sidewalk
    spank display dunk backpedal rap cross crab hoof limp tie untie strum wring cook stab whip mow sweep
"""

IRREGULAR_VERBS = {
    "begin": ("began", "begun"),
    "bend": ("bent",),
    "blow": ("blew", "blown"),
    "bring": ("brought",),
    "catch": ("caught",),
    "come": ("came", "come"),
    "cut": ("cut",),
    "dig": ("dug",),
    "do": ("did", "done"),
    "draw": ("drew", "drawn"),
    "drink": ("drank", "drunk"),
    "drive": ("drove", "driven"),
    "eat": ("ate", "eaten"),
    "fall": ("fell", "fallen"),
    "feel": ("felt",),
    "fight": ("fought",),
    "find": ("found",),
    "fling": ("flung",),
    "fly": ("flew", "flown"),
    "get": ("got", "gotten"),
    "give": ("gave", "given"),
    "go": ("went", "gone"),
    "grow": ("grew", "grown"),
    "hang": ("hung",),
    "hit": ("hit",),
    "hold": ("held",),
    "hurt": ("hurt",),
    "keep": ("kept",),
    "kneel": ("knelt", "kneeled"),
    "lay": ("laid",),
    "lead": ("led",),
    "leap": ("leapt", "leaped"),
    "let": ("let",),
    "lie": ("lay", "lain"),
    "lose": ("lost",),
    "make": ("made",),
    "meet": ("met",),
    "put": ("put",),
    "ride": ("rode", "ridden"),
    "rise": ("rose", "risen"),
    "run": ("ran", "run"),
    "set": ("set",),
    "shake": ("shook", "shaken"),
    "shoot": ("shot",),
    "sing": ("sang", "sung"),
    "sink": ("sank", "sunk"),
    "sit": ("sat",),
    "sleep": ("slept",),
    "slide": ("slid",),
    "speak": ("spoke", "spoken"),
    "spin": ("spun",),
    "spread": ("spread",),
    "spring": ("sprang", "sprung"),
    "stand": ("stood",),
    "stick": ("stuck",),
    "strike": ("struck", "stricken"),
    "sweep": ("swept",),
    "swim": ("swam", "swum"),
    "swing": ("swung",),
    "take": ("took", "taken"),
    "talk": ("talked",),
    "teach": ("taught",),
    "throw": ("threw", "thrown"),
    "wear": ("wore", "worn"),
    "wind": ("wound",),
    "write": ("wrote", "written"),
}
"""Their pasts and participles; "put" is its own past."""
