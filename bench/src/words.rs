//! Words of many trades. Four nouns from hundreds, far from each other in meaning, make a question of its own: with two, or with words of
//! one trade, 100,000 failures would not open 100,000 issues.

/// What questions are about, a trade a line.
pub const NOUNS: &str = "\
    sourdough, rolling pin, oven, yeast, cake tin, marzipan, proofing basket, pastry cutter, rye flour, icing, croissant, bagel, muffin
    gearbox, spark plug, brake pad, radiator, tyre, clutch, exhaust, windscreen wiper, dashboard, fuel pump, bumper, headlight, battery
    invoice, ledger, tax return, payslip, receipt, pension, dividend, overdraft, mortgage, bank statement, credit card, refund, voucher
    telescope, comet, star chart, tripod, lens cap, eclipse filter, observatory, meteorite, satellite dish, planetarium, sextant
    beehive, honeycomb, queen bee, smoker, nectar, pollen trap, swarm, wax foundation, hive tool, wasp nest, bumblebee, clover field
    passport, visa, boarding pass, suitcase, customs form, ferry ticket, hotel key, travel adapter, luggage scale, hostel bed, taxi
    loom, sewing machine, zipper, embroidery hoop, bobbin, wool yarn, denim jacket, buttonhole, silk scarf, knitting needle, quilt
    aquarium, goldfish, gravel bed, water heater, algae scraper, snail, coral, shrimp tank, air pump, fish food, pond liner, newt
    violin, metronome, drum kit, guitar string, sheet music, microphone stand, piano stool, trumpet mute, amplifier, flute, harp, banjo
    greenhouse, lawn mower, compost heap, tulip bulb, hedge trimmer, watering can, rose bush, tomato plant, wheelbarrow, scarecrow
    scalpel, stethoscope, blood sample, crutch, hearing aid, vaccine, bandage, X-ray, prescription, inhaler, thermometer, wheelchair
    server rack, router, firewall rule, backup tape, printer, keyboard, password, fibre cable, laptop, webcam, spreadsheet, search index
    stable door, saddle, horseshoe, hay bale, bridle, riding boot, paddock, oat bucket, carriage, show jump, foal, blacksmith's anvil
    scaffold, cement mixer, roof tile, drainpipe, brick wall, plaster, chimney, crane, spirit level, window frame, staircase, skylight
    chess board, dice, jigsaw puzzle, playing card, board game, domino, crossword, billiard table, dartboard, scrabble tile, kite, yo-yo
    canoe, life jacket, anchor, sail, lighthouse, harbour fee, fishing net, outboard motor, buoy, tide table, oar, diving mask, jetty
    wedding cake, bouquet, marquee, invitation, best man's speech, bridal veil, ring box, seating plan, wine glass, string quartet
    nursery rhyme, pushchair, nappy, baby monitor, playpen, school bag, teddy bear, sandpit, high chair, lunch box, swing, crayon
    vineyard, corkscrew, oak barrel, grape press, wine label, decanter, cellar, bottle rack, tasting note, cheese board, cider mill
    microscope, test tube, centrifuge, Petri dish, lab coat, pipette, Bunsen burner, litmus paper, periodic table, fume hood, laser
    library card, bookshelf, audiobook, encyclopedia, reading lamp, bookmark, manuscript, printing press, atlas, dictionary, comic book
    ski lift, snowboard, avalanche probe, mountain hut, ice axe, climbing rope, crampon, glacier, cable car, sledge, goggles, toboggan
    elephant enclosure, penguin, giraffe, parrot, terrarium, tortoise, zoo keeper, feeding bowl, birdcage, hamster wheel, python, llama
    solar panel, wind turbine, gas meter, heat pump, insulation, light bulb, power socket, fuse box, generator, boiler, thermostat
    courtroom, witness, contract, notary's stamp, verdict, bail bond, will, patent, trademark, power of attorney, lawsuit, jury, deed
    tent peg, sleeping bag, camp stove, rucksack, compass, mosquito net, torch, hiking boot, trail map, water filter, hammock, cool box
    hair dryer, lipstick, nail file, perfume, shaving foam, mirror, sun cream, comb, bath towel, toothbrush, wig, tweezers, bath salt
    tram stop, railway platform, bicycle lane, parking meter, bus pass, level crossing, tunnel toll, footbridge, airport gate, moped
    easel, oil paint, sculpture, picture frame, canvas, gallery wall, charcoal stick, mosaic, pottery wheel, stained glass, fresco
    football boot, tennis racket, goal net, referee's whistle, swimming cap, hurdle, basketball hoop, golf ball, javelin, trampoline
    coffee grinder, teapot, espresso cup, milk frother, sugar bowl, kettle, cinnamon stick, vanilla pod, lemon squeezer, ice cube tray
    fire alarm, smoke detector, hydrant, escape ladder, sprinkler, fire blanket, siren, ambulance, first aid box, helmet, sandbag
    ballot box, town hall, parish council, census form, voting booth, petition, mayor's chain, flagpole, statue, memorial, museum
    cow shed, milking robot, combine harvester, silo, tractor, sheepdog, cattle grid, egg incubator, plough, grain dryer, orchard, pigsty
    cinema ticket, film reel, popcorn machine, stage curtain, puppet, costume trunk, spotlight, script, camera drone, subtitle, trailer
    sofa, wardrobe, carpet, curtain rail, bunk bed, doorbell, coat hook, kitchen sink, dishwasher, bathtub, chandelier, mattress, shelf
    parcel, postage stamp, letterbox, courier van, customs seal, bubble wrap, warehouse pallet, barcode, forklift, shipping container
    fossil, dinosaur skeleton, volcano, earthquake sensor, limestone cave, quarry, mine shaft, gemstone, gold pan, sand dune, geyser
    rain gauge, barometer, weather balloon, hailstone, snow plough, hurricane shutter, fog horn, lightning rod, umbrella, icicle, rainbow
    call centre, headset, voicemail, chatbot, help desk, complaint form, survey, loyalty card, gift wrap, catalogue, shop window, till";

/// What is done to them.
pub const VERBS: &str = "\
    replace, clean, insure, ship, register, measure, repair, return, calibrate, photograph, paint, inherit, sell, borrow, dismantle, \
    store, disinfect, move, label, recycle, rent, polish, weigh, seal, warm up, cool down, sharpen, mend, decorate, protect, hide, \
    inspect, sterilise, engrave, catalogue, transport, donate, import, license, upgrade, test, lock, unlock, waterproof, align, refill";

/// How the two stand to each other.
pub const RELATIONS: &str = "\
    without the, together with the, before the, instead of the, next to the, underneath the, in exchange for the, after the, by means \
    of the, inside the, far from the, because of the";

/// Ways to ask the same; `#` stands for what is asked.
pub const FORMS: [&str; 10] = [
    "How do I #?",
    "What is the best way to #?",
    "Can you tell me how to #?",
    "I want to #, how does that work?",
    "How should I #?",
    "Please explain how to #.",
    "What do I have to do to #?",
    "Which steps does it take to #?",
    "How can I #, please?",
    "Could you explain to me how I #?",
];

/// What people say around a question.
pub const AROUND: [&str; 8] = [
    "#",
    "Hi! #",
    "Hello, #",
    "Good morning. #",
    "# Thanks!",
    "# Thank you.",
    "Excuse me. #",
    "Hey there, #",
];

/// The words of a list.
pub fn list(words: &'static str) -> Vec<&'static str> {
    words.split([',', '\n']).map(str::trim).filter(|word| !word.is_empty()).collect()
}
