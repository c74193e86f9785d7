# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""First names that are frequent or that streets are named after; folded, in lower case."""

from ..text import words_of

# These are frequent last names, too: a lone "Martin" may be either.
_ALSO_LAST_NAMES = words_of(
    """adolphe albert alexandre alexis alfred alphonse amedee anatole andre antoine
    aristide arthur auguste augustin baptiste benoit bernard camille charles
    claude clement daniel david denis edmond edouard elisee emile emmanuel
    ernest etienne eugene felix ferdinand fernand francis francois franklin
    gabriel gaston georges gerard gilbert guillaume gustave guy hector henri
    henry honore hubert jacques john joseph jules laurent leon leonard louis luc
    lucien marc marcel martin maurice max maximilien michel nelson nicolas pablo
    paul pierre raoul raymond rene robert roger rosa salvador simon theodore
    theophile thomas victor vincent winston"""
)
# These are hardly ever last names: they show which of "Durand Sylvie" is the last name.
HARDLY_LAST_NAMES = words_of(
    """alice anne aurelie beatrice brigitte catherine cecile celine chantal
    christiane christine christophe claire claudine colette corinne danielle
    denise didier eric evelyne francoise frederic genevieve germaine helene
    isabelle jacqueline jean jeanne jerome julie julien louise lucie madeleine
    marguerite maria marie martine mireille mohamed monique nathalie nicole
    olympe pascale patricia patrick philippe sandrine sebastien simone sophie
    stephane suzanne sylvie therese thierry valerie veronique virginie yves
    yvonne"""
)
FIRST_NAMES = HARDLY_LAST_NAMES | _ALSO_LAST_NAMES
