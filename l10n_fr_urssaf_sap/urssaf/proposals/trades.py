# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which services a text speaks of, as French offices write them on an invoice."""

import re

from ..text import TYPED_LIMIT, fold

# The codes of natures by words that tell them. ``*`` stands for any ending; between the
# words of a phrase others such as "de la" may stand. The words of the first row tell
# nothing, though one of them does.
_TRADES = {
    "": "en cours, au cours, cours d'eau, linge de maison",
    "10": "garde enfant handicap*",
    "20": "accompagnement enfant handicap*",
    "30": "aide humaine, aide toilette, aide lever, aide coucher, aide repas,"
    " personne agee, auxiliaire vie, garde malade, garde nuit, garde personne agee",
    "40": "conduite vehicule*",
    "50": "accompagnement sortie, accompagnement course, accompagnement promenade,"
    " accompagnement rendez vous, accompagnement medecin",
    "60": "menage, menager*, repass*, nettoy*, vitre, lessive, poussiere, depoussier*,"
    " aspirateur, serpillier*, entretien maison, entretien logement, entretien appartement,"
    " entretien domicile, entretien linge",
    "70": "jardin*, haie, pelouse, gazon, tonte, tond*, elag*, debroussaill*, desherb*,"
    " arbuste, arbre, rosier, massif, potager, arros*, scarifi*, paysag*, espace vert,"
    " dechet vert, feuille morte, ramassage feuille, nettoy* jardin, nettoy* massif,"
    " petits travaux jardin*, nettoy* haie",
    "80": "bricol*, montage meuble, pose etagere, pose tringle, pose rideau, ampoule,"
    " homme toutes mains",
    "90": "garde enfant, garde periscolaire, garde partagee, baby sitting, babysitting,"
    " nounou",
    "100": "cours, lecon*, soutien scolaire, accompagnement scolaire, aide devoir, devoir,"
    " mathematique, maths, solfege, piano, guitare, coach* sport*",
    "110": "coiff*, coupe cheveux, brushing, manucure, pedicure, esthetique, epilation,"
    " maquillage",
    "120": "preparation repas, confection repas, cuisinier*",
    "130": "livraison repas, portage repas",
    "140": "livraison linge, collecte linge, ramassage linge",
    "150": "livraison course, portage course",
    "160": "informatique, ordinateur, wifi, imprimante, antivirus, internet",
    "170": "animal, animaux, chien, chat, promenade chien, promenade animaux",
    "180": "gardiennage, surveillance maison, surveillance domicile, surveillance logement,"
    " surveillance residence",
    "190": "administrati*, demarche",
    "200": "accompagnement enfant, trajet ecole",
    "210": "teleassistance, visioassistance",
    "220": "interpretariat, interprete, langue signe, codage",
    "270": "frais deplacement, frais kilometrique, kilometrique",
}
_BETWEEN = r"(?: (?:a|au|aux|d|de|des|du|en|l|la|le|les|un|une))* "


def _pattern(phrase: str) -> str:
    words = (
        re.escape(word[:-1]) + r"\w*" if word.endswith("*") else f"{word}[sx]?"
        for word in _words(phrase, keep="*")
    )
    return _BETWEEN.join(words)


def _words(text: str, keep: str = "") -> list[str]:
    return re.sub(rf"[^\w{keep}]", " ", fold(text[:TYPED_LIMIT]).lower()).split()


_PATTERNS = [
    (code, re.compile(rf"\b{_pattern(phrase)}\b"))
    for code, phrases in _TRADES.items()
    for phrase in phrases.split(",")
]


def natures_named(text: str) -> list[str]:
    """The codes of the natures that a text speaks of, in its order; of words within a
    longer phrase, what the phrase says: *garde d'enfant handicapé* is no other *garde
    d'enfant*.
    """
    text = " ".join(_words(text))
    found = [
        (*match.span(), code)
        for code, pattern in _PATTERNS
        for match in pattern.finditer(text)
    ]
    told = [
        (start, code)
        for start, end, code in found
        if code
        and not any(
            first <= start and end <= last and last - first > end - start
            for first, last, _code in found
        )
    ]
    return list(dict.fromkeys(code for _start, code in sorted(told)))
