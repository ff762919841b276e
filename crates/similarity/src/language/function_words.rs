//! The small words by which a reader tells a language at a glance, in their written form, most of them short and frequent.

/// By primary language tag. A word may stand in several lists, also in that of English.
pub const FUNCTION_WORDS: [(&str, &str); 26] = [
    (
        "en",
        "a about after again all also am an and any anyone are aren't arent as ask at be been before being but by can \
         can't cant could couldn't did didn't didnt do does doesn't doesnt doing don't dont for from get give go got \
         had has have haven't having he hello help her here hey hi his how how's hows i i'd i'll i'm i've if ill im in \
         into is isn't isnt it it's its ive just know last let like make many may me more much must my need new next no \
         not now of off on one only or order other our out over pay people please pls say see send set shall she should \
         show so some still take tell than thank thanks that that's thats the their them then there there's these they \
         this those time to today tomorrow too try u under until up us use using very wanna want was wasn't way we were \
         what what's whats when where where's wheres which while who whose why will with without won't wont work would \
         ya yes yet you your you're youre yours",
    ),
    (
        "de",
        "aber alle als am an auch auf aus bei bekomme bezahlen bin bis bitte brauche da damit dann das dass dein dem den \
         denn der des die dies diese dieser dieses doch durch ein eine einem einen einer eines er es etwas für gibt \
         geht habe haben hallo hat hatte ich ihr im immer in ist ja kann kein keine kommt kostet könnte können man mein \
         meine meinem meinen meiner mich mir mit möchte muss nach neue neuen nicht nichts noch nun nur ob oder ohne \
         schon sehr sich sie sind so um und uns unsere vom von vor wann war warum was weil wenn wer werden wie wieder \
         will wir wird wo wurde zu zum zur über",
    ),
    (
        "fr",
        "ai ainsi après au aucun aux avec avez avoir c'est ce ces cet cette combien comme comment d'un d'une \
         dans de des depuis dois du elle en est est-ce et faire faut il ils j'ai je l'ai la le les leur ma mais me mes \
         merci mon n'est ne nos notre nous on où ou par pas peut peux pour pourquoi puis qu'est quand que quel \
         quelle quels qui sa sans ses si sont sur ta te ton très tu un une veux voudrais vos votre vous vais y à été être",
    ),
    (
        "es",
        "a al algo ayuda cambiar como con cual cuando cuanto cuenta cuesta cuál cuándo cuánto cuánta cómo de debo del \
         desde donde dónde el ella en es esa ese está están esta estas este estoy favor gracias ha hace hacer hago hay \
         he hoy la las le lo los mi mis más me muy necesito no nos nuestra nuestro nueva nuevo o para pero por porque \
         pueda puede pueden puedo que quiero qué se ser si sin sobre son soy su sus tengo tiene todo tu un una unas y ya yo",
    ),
    (
        "it",
        "a al alla anche che chi ci come con cosa così da dal dalla dei del della delle devo di dopo dove dov'è e \
         ed fare gli grazie ha hai hanno ho i il in io l'ho la le lo ma mi mia mie miei mio nel nella non nuova nuovo o \
         ogni per perché più posso può qual quale quando quanto quanta quello questa questo se senza si sono su sua suo \
         tra un una uno vorrei voglio è",
    ),
    (
        "pt",
        "a ainda ao aos as até bom como com da das de do dos dá e ela ele em entre essa esse esta estou está eu fazer \
         faço foi há isso já mais mas me meu meus mesmo minha minhas muito na nas nem no nos nossa nosso nova novo não \
         o obrigado olá onde os ou para pela pelo pode posso por porque por que preciso qual quando quanto que quem \
         quero se sem ser seu sua são só também tem tenho um uma você à é",
    ),
    (
        "nl",
        "aan al als bij ben betalen dan dat de deze die dit doe door een en er ga gaat geen graag had hallo heb hebben \
         heeft het hoe hoeveel ik in is jullie kan komt krijg kun kunt maar mag me meer met mij mijn moet naar niet \
         nieuw nieuwe nog nu of om onze ook op over sinds te tot u uit uw van veel voor waar waarom wanneer want was wat \
         we welke wel wie wil word worden zijn zonder",
    ),
    (
        "sv",
        "alla att av de den det din ditt du efter ett en finns från få får för ha hade han har hej hur i igen inte jag \
         kan kommer kostar man med mig min mina mitt måste ni nu någon något när nya och om på sig sin skulle ska som \
         till tack ut utan vad var varför vem vi vilka vilken vill åt är över",
    ),
    (
        "da",
        "af alle at blev bliver de den der det din dit du efter eller en er et for fra få får god han har hej hvad hvem \
         hvor hvordan hvorfor hvornår i igen ikke jeg kan kommer koster man med meget mig min mine mit må nogle noget \
         nu når nye og om op på sig skal som til tak ud uden var vi vil være",
    ),
    (
        "no",
        "alle at av blir ble de den der det din ditt du en er et etter for fra få får hadde han har hei hva hvem hvor \
         hvordan hvorfor i igjen ikke jeg kan kommer koster man med meg mine min mitt må noe noen nå når nye og om opp \
         på seg skal som til takk ut uten var vi vil være",
    ),
    (
        "fi",
        "ei eikä en että hei hän ihan ja jo jos joka kanssa kauanko kiitos kun kuinka koska kuka mikä miksi milloin \
         minulla minun minä missä mistä miten mitä mutta myös ne niin nyt olen oli olisi on onko ovat paljonko se saan \
         sen siitä sinä tai tämä tästä uusi vain vielä voi voin voiko voinko haluan",
    ),
    (
        "pl",
        "albo ale bardzo bez będzie być chcę chciałbym co czy czemu dla dlaczego do dziękuję dzień gdzie i ile ja jak \
         jaka jaki jakie jest jestem już kiedy kto która który mam mi mnie mogę moja moje mojego mój może można na nie \
         nowa nowy o od oraz po pod proszę przez przy się są ta tak tam te tego ten teraz to tylko tym w witam z za ze że",
    ),
    (
        "cs",
        "a aby ale ani asi bez bude by být co dobrý do jak jaká jaké jaký je jen jenom jsem jsou jste k kde kdo kdy když \
         která který kolik mi moje moji můj můžu mohu mám na nebo nemohu není o od po pod proč prosím přes při s se \
         si svůj ta tak také ten to tu už v ve z za ze že chci",
    ),
    (
        "sk",
        "a aby ale ako alebo bez bol bola by byť bude čo do je kde kedy kto ktorá ktorý koľko ku mám mi moja moje môj \
         môžem na nie o od po pod pre prečo prosím pri s sa si som sú ten to už v vo z za že chcem",
    ),
    (
        "hu",
        "a amikor az azt be csak de egy el én ez ezt fel hogy hogyan hol ha is ki kell lehet meg mennyi mennyibe mert \
         mi miért mikor milyen most már nagyon nekem nem nincs ott sem szeretném szeretnék tudom tudok új vagy van volt",
    ),
    (
        "ro",
        "am ar are as a acest această ați bună ca care când cât ce cel cu cum da dacă de din după e este eu fi foarte fost \
         îmi în la le mai mea meu mi nu o pe pentru pot până sau se sunt să te trebuie un unde unei unui va vă vreau și",
    ),
    (
        "tr",
        "acaba ama artık ben bana bir bu çok da daha de değil edebilir için ile istiyorum kadar kaç kim lütfen mi mı mu \
         mü miyim merhaba ne neden nerede nereden nasıl niye olarak onu sonra şu var ve veya ya yeni yok zaman ücreti",
    ),
    (
        "id",
        "ada adalah akan aku anda apa apakah atau bagaimana belum berapa bisa cara dan dapat dari dengan di ini itu jika \
         juga kami kapan karena ke kenapa kita lagi lama mana mau mengapa oleh pada saya sedang sudah tidak tolong untuk yang",
    ),
    (
        "vi",
        "bao bị các cách cái chi cho chưa có của cần do đang đã đâu để đến đi được gì hay hết không là lại làm lâu mà \
         mất mình một muốn nào này nếu nhiêu như những ở ra rồi sao sẽ tại thế thì tôi trong tới từ và về với vì",
    ),
    (
        "ca",
        "això amb aquest aquesta bon com de dels el els em en es està estan gràcies ha he hi i jo la les meu meva \
         molt no nou nova o on per perquè però pot puc quan quant que quina quin sense si són un una vull",
    ),
    (
        "hr",
        "ali biti bez bih bi da dan do ga gdje hvala i ili iz ima imam ja je jesam još kad kada kako koji koja koje \
         koliko li moj moja moje mogu može na nakon ne nije nisam o od po pod prije sa sam se si su što ta to u uz već \
         za zašto želim",
    ),
    (
        "ru",
        "а без бы в вам вас вы где да для до если есть ещё еще же за и из или как какой когда который кто ли мне можно могу мой моя мои мы на не нет но о об он от по под почему при с сколько так там то у хочу чем что это я",
    ),
    (
        "uk",
        "а або але без би в вам ви вже де для до є за з і із й коли котрий мені можна можу мій моя мої ми на не ні немає о під по про скільки та так то у хочу хто це чи чому що як який я",
    ),
    (
        "bg",
        "а без бе би в вече да до един за и или има как какво кога който колко къде ли мен ми може мога моята моят на не нещо но о от по под при с са се си след ще това той тук че",
    ),
    (
        "hi",
        "और इस एक कब कर करूँ करें का की के को कैसे क्या क्यों कहाँ था थी थे नहीं पर भी में मेरा मेरी मेरे मैं मुझे यह ये रहा लिए से है हैं हो",
    ),
    (
        "mr",
        "आणि आहे आहेत कधी करा कसा कसे का काय किती कुठे केला च नाही मला मध्ये माझा माझी माझे मी या येथे वर हा ही हे होते",
    ),
];
