"""Verbs that captions of motion use, because a tagger takes "turns" and "steps" for nouns."""

from __future__ import annotations

REGULAR_VERBS = """
    accept act adjust aim alternate answer appear applaud approach arch attack attempt avoid back
    backpedal backstep backtrack balance bang bat beckon block bob bounce bow box brace breakdance
    brush bump button call carry cartwheel cast celebrate change check chop clap clasp clean clench climb
    close clutch collapse collect collide compensate complete continue cook cough counteract
    counterbalance cover crab crack cradle crawl crisscross cross crouch crumple curl curtsy curve
    dab dance dash decide decrease descend dial dip display dodge drag dribble drift drop drum dry duck
    dunk dust elbow emulate end engage enter evade examine execute exercise exit expand explain extend
    face fail fake fiddle fidget finish fish fix flail flap flex flick flip flutter fold follow form gain
    gallop gargle gaze gesticulate gesture glance glide goof grab grasp greet grip guard gyrate halt
    hammer handle happen headbutt hesitate hinge hobble hoist hoof hop hug hunch hurdle hurry imitate
    increase inspect interact interlock jab jerk jig jiggle jog join juggle jump karate kick kiss knock
    land lather laugh launch lean leave lift limp lob look loop loosen lower lunge manipulate march
    massage meander meditate mime mimic mix moonwalk mop motion move mow muse nod observe offer open
    operate orient outstretch pace paddle paint palm pant parade pass pat pause paw pedal peel peer
    perform pet pick pirouette pitch pivot place plank plant play plop point poke pose position pound
    pour practice practise prance prepare press pretend proceed prop protect pull pump punch push raise
    rap reach react ready rear receive recline recoil recover reel regain relax release remain remove
    repeat replace rest resume retrace retract retreat retrieve return reverse revert rewind roam rock
    roll rotate rub rush salute sashay saunter scan scoop scoot scratch scrub search seem serve settle
    shamble shield shift shimmy shiver shove shovel show shrug shuffle sidestep sidewalk sidle signal sip
    skate skid skip slam slap slip slouch slow smack smash smell smoke snatch sneak sneeze spank spar
    splash splay sprint squat squeeze squirm stab stagger stamp stare start startle stay steady step stir
    stomp stoop stop straddle strafe straighten stretch stroke stroll struggle strum strut stumble
    swagger swap swat sway swipe swirl swish switch swivel tap taunt tend thrash thrust tie tilt tip
    tiptoe topple toss touch trace transfer transition travel tread trip trot try tuck tumble turn twerk
    twirl twist twitch type unbutton unclasp uncross unfold unscrew untie unwind use vault veer waddle
    wade wag wait waive walk waltz wander warm wash watch wave whip wiggle windmill wipe wobble work wrap
    wrestle wriggle wring yawn zigzag
"""

IRREGULAR_VERBS = {
    "begin": ("began", "begun"),
    "bend": ("bent",),
    "blow": ("blew", "blown"),
    "break": ("broke", "broken"),
    "bring": ("brought",),
    "catch": ("caught",),
    "come": ("came", "come"),
    "creep": ("crept",),
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
    "freeze": ("froze", "frozen"),
    "get": ("got", "gotten"),
    "give": ("gave", "given"),
    "go": ("went", "gone"),
    "grow": ("grew", "grown"),
    "hang": ("hung",),
    "hide": ("hid", "hidden"),
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
    "strike": ("struck",),
    "sweep": ("swept",),
    "swim": ("swam", "swum"),
    "swing": ("swung",),
    "take": ("took", "taken"),
    "talk": ("talked",),
    "teach": ("taught",),
    "tear": ("tore", "torn"),
    "throw": ("threw", "thrown"),
    "wear": ("wore", "worn"),
    "wind": ("wound",),
    "write": ("wrote", "written"),
}
"""Their pasts and participles; "put" is its own past."""
