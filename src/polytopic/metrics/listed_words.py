"""Words that alone name no subject, by list: first names, and commands of TeX."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["first_names", "tex_commands"]

_NAMES = """
aaron alan albert alex alexander alfred alice alison allan allen amanda amber amy andrea andrew
andy angela ann anna anne annie anthony antonio arthur ashley barbara barry becky ben benjamin
bernard beth betty beverly bob bobby brad bradley brandon brenda brent brett brian bruce bryan
carl carlos carol caroline carolyn catherine charles charlie cheryl chris christina christine
christopher cindy claire clarence colin craig crystal curt curtis cynthia dan daniel danny
darren daryl dave david deborah debra denise dennis derek diana diane don donald donna doris
dorothy doug douglas duane dwayne earl ed eddie edith edward edwin eileen elaine elizabeth
ellen elvis emily emma eric erica erik ernest ethel eugene evelyn florence frances francis fred
frederick gail gary geoff geoffrey george gerald gilbert glen glenn gloria gordon greg gregory
hannah harold harry heather heidi helen henry herbert herman holly howard hugh ian irene jack
jackie jacqueline jake jamie james jan jane janet janice jared jason jay jeanne jeff jeffrey
jennifer jenny jeremy jerome jerry jesse jessica jill jim jimmy joan joanne joe joel joey john
johnny jon jonathan josh joshua joyce juan judith judy julia julie justin karen karl kate
katherine kathleen kathryn kathy katie keith kelly ken kenneth kenny kent kevin kim kimberly
kirk kristin kurt kyle larry laura lauren lawrence leo leon leonard leroy leslie lewis linda
lisa lloyd lois lori louis louise lucy lynn marc marcus margaret maria marie marilyn marion
mario marjorie martha martin marvin matt maurice megan melanie melissa melvin michael michelle
miguel mike mildred mitch monica nancy natalie nathan neil nicholas nick nicole norman oscar
pamela patricia patrick patty paula pauline pedro peggy perry pete phil philip phillip phyllis
rachel ralph randall randy raymond rebecca renee ricardo richard rick ricky rita robert roberta
robin rodney roger ron ronald ronnie rosemary ross roy russell ruth ryan sally sam samantha
samuel sandra sandy sara sarah scott sean seth shane shannon sharon shawn sheila shirley sid
stacy stan stanley stephanie stephen steve steven stewart stuart susan suzanne sylvia tammy ted
teresa terry theodore theresa thomas tim timothy tina todd tom tommy tony tracy travis troy
tyler valerie vanessa vernon veronica vicki victoria vince vincent virginia walter wanda warren
wayne wendy wesley william willie yvonne zach
"""
"""The commoner first names of English (after the United States census of 1990) and their short
forms. Left out are those that are words (mark, bill, rose) and those of apostles and patriarchs
(peter, paul, joseph), who are a subject."""

_LETTERS = """
alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho
varrho sigma tau upsilon phi varphi chi psi omega pi
"""
_SIGNS = """
frac dfrac tfrac leq geq neq infty mathrm mathbf mathbb mathcal mathfrak mathsf mathit textit
textbf textsc emph ldots cdots cdot sqrt overline underline widetilde widehat langle rangle
subseteq supseteq rightarrow leftarrow longrightarrow mapsto otimes oplus forall nabla lesssim
gtrsim simeq approx equiv propto ell hbar bigl bigr lfloor rfloor lceil rceil mbox usepackage
documentclass
"""
"""Commands that are no words; letters are some, too (gamma rays, the variants of a virus)."""

_FIRST_NAMES = frozenset(_NAMES.split())
_TEX_LETTERS, _TEX_SIGNS = frozenset(_LETTERS.split()), frozenset(_SIGNS.split())


def first_names(words: Sequence[str]) -> list[str]:
    """Those of the words that are first names of English.

    >>> first_names(["mike", "Tom", "mark", "engine"])
    ['mike', 'Tom']
    """
    return [word for word in words if word.lower() in _FIRST_NAMES]


def tex_commands(words: Sequence[str]) -> list[str]:
    """Those of the words that are commands of TeX; letters only beside a sign that is no word.

    >>> tex_commands(["alpha", "frac", "leq", "decay"])
    ['alpha', 'frac', 'leq']
    >>> tex_commands(["alpha", "beta", "decay"])
    []
    """
    found = [word for word in words if word.lower() in _TEX_LETTERS | _TEX_SIGNS]
    return found if any(word.lower() in _TEX_SIGNS for word in found) else []
