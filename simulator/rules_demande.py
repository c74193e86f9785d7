# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What M050 checks in one payment request, as far as data can tell.

Amounts are Decimal euros. Nothing here knows what was sent before: numbers already
taken are the caller's business.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP

from .codes import M050_ERRORS, NATURES, VALIDATION, codes_named_in, problem
from .formats import CENT, Field, Refused, amount, day, objects, one_of, read, text
from .lifecycle import moment_of

#: No service older than the scheme itself is paid.
SCHEME_START = date(2022, 1, 1)

DEMANDE = {
    "idTiersFacturation": Field(text(shortest=1)),
    "idClient": Field(text(shortest=1)),
    "dateNaissanceClient": Field(day),
    "numFactureTiers": Field(text(shortest=1)),
    "dateFacture": Field(day),
    "dateDebutEmploi": Field(day),
    "dateFinEmploi": Field(day),
    "mntAcompte": Field(amount, required=False),
    "dateVersementAcompte": Field(day, required=False),
    "mntFactureTTC": Field(amount),
    "mntFactureHT": Field(amount),
    "inputPrestations": Field(objects),
}


_PERIOD = ("dateDebutEmploi", "dateFinEmploi")
_TOTALS = {"mntFactureTTC": "mntPrestationTTC", "mntFactureHT": "mntPrestationHT"}


def _no_activity(value: object) -> str:
    """Refuse the value: the list of activity codes has no code any more."""
    raise Refused("ne pas transmettre")


PRESTATION = {
    "codeActivite": Field(_no_activity, required=False, code="ERR_CODE_ACTIVITE"),
    "codeNature": Field(one_of(NATURES), code="ERR_CODE_NATURE"),
    "quantite": Field(amount),
    "unite": Field(one_of({"HEURE", "FORFAIT"})),
    "mntUnitaireTTC": Field(amount),
    "mntPrestationTTC": Field(amount),
    "mntPrestationHT": Field(amount),
    "mntPrestationTVA": Field(amount),
    "dateDebutEmploi": Field(day, required=False),
    "dateFinEmploi": Field(day, required=False),
    "complement1": Field(text(), required=False),
    # Who did the work: NOVA number, or the SIRET of a worker's own establishment.
    "complement2": Field(
        text(r"SAP[0-9]{9}|SIR[0-9]{14}"),
        code="ERR_FORMAT_NUMINTERVENANT",
        missing="ERR_NUMINTERVENANT_MANQUANT",
    ),
}


def check_demande(item: dict, today: date) -> tuple[dict, list[dict]]:
    """Read one M050 item: its well-formed values, and every problem.

    ``inputPrestations`` of the values is the list of the lines' well-formed values.
    """
    problems: list[dict] = []
    values = read(item, DEMANDE, problems)
    lines = [
        _read_line(line, f"inputPrestations[{index}].", problems)
        for index, line in enumerate(values.get("inputPrestations", ()))
    ]
    values["inputPrestations"] = lines
    _check_period(values, today, problems)
    _check_totals(values, problems)
    _check_deposit(item, values, problems)
    return values, problems


def check_registration(
    values: dict,
    particulier,
    link,
    problems: list,
    *,
    takes_activation_day: bool,
) -> None:
    """May this provider bill this particulier for this period?

    ``particulier`` is the stored row of that idClient or None, ``link`` the row of
    its registration by this provider or None. The activation is a moment: the days
    before it are refused; its own as well unless ``takes_activation_day``, or unless it
    was at midnight.
    """
    born = values.get("dateNaissanceClient")
    if particulier is None:
        problems.append(problem("ERR_PARTICULIER_INCONNU", "idClient"))
        return
    if born is not None and born.isoformat() != particulier["birth_date"]:
        problems.append(problem("ERR_PARTICULIER_INCONNU", "dateNaissanceClient"))
    state = link["state"] if link else None
    if state == "blocked":
        problems.append(problem("ERR_CMPT_BLOQUE", "idClient"))
    elif state == "mandate_expired":
        problems.append(problem("ERR_MANDAT_ECHU", "idClient"))
    elif state != "active":
        code = "ERR_LIEN_PARTICULIER_PRESTATAIRE"
        problems.append(problem(code, "idClient : non actif"))
    if link and link["active_since"]:
        since = moment_of(link["active_since"])
        for where, found in _days(values):
            begin = datetime.combine(found, time.min)
            end = begin + timedelta(days=1)
            if found < SCHEME_START:
                continue  # which has a code of its own
            if end <= since or (begin < since and not takes_activation_day):
                code = "ERR_LIEN_PARTICULIER_PRESTATAIRE"
                reason = f"{where} : avant l'activation du {since:%d/%m/%Y %H:%M:%S}"
                problems.append(problem(code, reason))


def _days(values: dict) -> Iterator[tuple[str, date]]:
    """Every day that a request tells of what was done, invoiced or paid, and where."""
    named = [(name, values) for name in ("dateDebutEmploi", "dateFacture")]
    if values.get("mntAcompte"):
        named.append(("dateVersementAcompte", values))
    for name, given in named:
        if name in given:
            yield name, given[name]
    for index, line in enumerate(values.get("inputPrestations", ())):
        if "dateDebutEmploi" in line:
            yield f"inputPrestations[{index}].dateDebutEmploi", line["dateDebutEmploi"]


def _check_period(values: dict, today: date, problems: list) -> None:
    """The work is done, within one calendar month, after the scheme began."""
    start, end = values.get("dateDebutEmploi"), values.get("dateFinEmploi")
    dated = [("", values, ("dateDebutEmploi", "dateFinEmploi", "dateVersementAcompte"))]
    for index, line in enumerate(values["inputPrestations"]):
        dated.append((f"inputPrestations[{index}].", line, _PERIOD))
    for where, part, names in dated:
        for name in names:
            if name in part and part[name] > today:
                problems.append(problem("ERR_DATE_FUTUR", where + name))
            elif part is not values and _is_outside(part.get(name), start, end):
                reason = f"{where}{name} : hors de la période"
                problems.append(problem(VALIDATION, reason))
    for name in ("dateFacture", "dateDebutEmploi", "dateVersementAcompte"):
        if name in values and values[name] < SCHEME_START:
            problems.append(problem("ERR_DATE_PAIEMENT_AVANT_EXP", name))
    if start and end and (start.year, start.month) != (end.year, end.month):
        code = "ERR_PERIODE_EMPLOI_MOIS_NON_UNIQUE"
        problems.append(problem(code, "dateDebutEmploi, dateFinEmploi"))
    if start and end and end < start:
        problems.append(problem("ERR_DATE_FIN_AVANT_DATE_DEB", "dateFinEmploi"))


def _is_outside(day: date | None, start: date | None, end: date | None) -> bool:
    """Whether a service is not within a period that is one."""
    return bool(day and start and end and start <= end and not start <= day <= end)


def _check_totals(values: dict, problems: list) -> None:
    """The lines sum to the invoice, gross and net."""
    for name, of_line in _TOTALS.items():
        total = values.get(name)
        amounts = [line.get(of_line) for line in values["inputPrestations"]]
        # With an unreadable line the sum is unknown, and that line is reported already.
        if total is None or not amounts or None in amounts:
            continue
        if sum(amounts) != total:
            reason = f"{name} : {total}, prestations : {sum(amounts)}"
            problems.append(problem("ERR_TOTAL_PRESTATIONS", reason))


def _check_deposit(item: dict, values: dict, problems: list) -> None:
    """The deposit is half of the invoice at most, and was paid on a day."""
    deposit, total = values.get("mntAcompte", 0), values.get("mntFactureTTC")
    if total is not None and deposit * 2 > total:
        problems.append(problem("ERR_MONTANT_ACOMPTE", "mntAcompte"))
    if deposit and "dateVersementAcompte" not in item:
        problems.append(problem(VALIDATION, "dateVersementAcompte : absent"))
    if "dateVersementAcompte" in item and not item.get("mntAcompte"):
        problems.append(problem(VALIDATION, "mntAcompte : absent"))


def _read_line(line: dict, where: str, problems: list) -> dict:
    """Read one line; net + VAT = gross, and quantity x price = gross to the cent."""
    values = read(line, PRESTATION, problems, where)
    gross, net, vat, quantity, price = (
        values.get(name)
        for name in (
            "mntPrestationTTC",
            "mntPrestationHT",
            "mntPrestationTVA",
            "quantite",
            "mntUnitaireTTC",
        )
    )
    if None not in (gross, net, vat) and net + vat != gross:
        problems.append(problem("ERR_MNT_PREST_HT_TVA", where + "mntPrestationTTC"))
    if None not in (gross, quantity, price):
        expected = (quantity * price).quantize(CENT, ROUND_HALF_UP)
        if expected != gross:
            reason = f"{where}mntPrestationTTC : {gross}, attendu : {expected}"
            problems.append(problem("ERR_MNT_PREST_TTC", reason))
    start, end = values.get("dateDebutEmploi"), values.get("dateFinEmploi")
    if start and end and end < start:
        code = "ERR_DATE_FIN_AVANT_DATE_DEB"
        problems.append(problem(code, where + "dateFinEmploi"))
    for code in codes_named_in(values.get("complement1", ""), M050_ERRORS):
        problems.append(problem(code, f"{where}complement1 : demandé"))
    return values
