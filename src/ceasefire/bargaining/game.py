"""The offer as a game of three: who offers, who answers, and the backer of the one who answers.

Chance makes the one who offers sincere (probability q) or rearming; he alone knows. He offers or not. After
an offer the other accepts or refuses; then the backer, who saw both, keeps or cuts aid; then, after an
acceptance, the one who offered settles or exploits. Without an offer the war goes on.

A perfect Bayesian equilibrium is one strategy for each, and a belief mu after an offer, such that

    each move is a best reply at its place, given what the others do from there on
    mu = q s / (q s + (1 - q) r)   where anybody offers (s sincere, r rearming), any mu where nobody does

Neither the other nor the backer knows more than the offer tells, so that one belief holds after it. All
equilibria are found by walking through the beliefs: for a given mu the rest of the tree has one solution,
except at the few beliefs at which somebody is indifferent. Between those a solution holds for a whole
interval; at one of them it is a path of mixtures, which is walked from end to end:

    mu fixed by q            both types offer (pooling), or one alone (separating: mu = 1 or 0)
    mu at an indifference    one type offers surely, the other mixes so that Bayes' rule gives mu, and the
                             mixture after the offer leaves him indifferent (semi-separating)
    mu free                  nobody offers: every interval of beliefs that deters both types

At a prior of 0 or 1 one type does not exist. Where the other does not offer, mu is free even if the one that
does not exist would offer. That he offers sometimes, where he is indifferent, is not listed: nobody sees it.

Shapes: `war` `[2, 3]`, `refused` `[2, 2, 3]`, `accepted` `[2, 2, 2, 3]`, axes in the order type (sincere,
rearming), aid (keep, cut), end (settle, exploit), player (offers, answers, backer), in one unit of worth for
each player.

Source: perfect Bayesian equilibrium in signalling games: Fudenberg and Tirole 1991, Game Theory, ch. 8.
Known to fail: where payoffs tie, mixtures beyond those listed are equilibria too; `degenerate` says so. A tie
is decided for settling, keeping and accepting.
Worked number: that of `minimal`, with a backer to whom all is one: semi-separating, r = 1/2, alpha = 1/5.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ceasefire.files import InputError

FloatArray = npt.NDArray[np.float64]

TYPES = ("sincere", "rearming")
AID = ("keep", "cut")
ENDS = ("settle", "exploit")
PLAYERS = ("offers", "answers", "backer")
SEPARATING, POOLING, SEMI, SILENCE = "separating", "pooling", "semi-separating", "no offer"
KINDS = (SEPARATING, POOLING, SEMI, SILENCE)
# Relative to the largest payoff: what is nearer counts as a tie.
TIE = 1e-12


@dataclasses.dataclass(frozen=True, eq=False)
class Game:
    """The tree with its payoffs; axes as in the module."""

    prior: float
    """Probability that the one who offers is sincere."""
    war: FloatArray
    """`[2, 3]`."""
    refused: FloatArray
    """`[2, 2, 3]`."""
    accepted: FloatArray
    """`[2, 2, 2, 3]`."""

    def __post_init__(self) -> None:
        """Check the prior and the shapes.

        Raises:
            InputError: a prior that is no probability, or payoffs that are no numbers or of another shape.
        """
        check_probability(self.prior, "prior")
        for name, shape in (("war", (2, 3)), ("refused", (2, 2, 3)), ("accepted", (2, 2, 2, 3))):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            object.__setattr__(self, name, values)
            if values.shape != shape or not np.isfinite(values).all():
                raise InputError(
                    f"the payoffs '{name}' are no table of {' x '.join(map(str, shape))} numbers.",
                    "the offer game",
                    "give type, aid, end and player in this order, as far as the branch has them.",
                )

    @property
    def scale(self) -> float:
        """The largest payoff without its sign, at least the smallest number that counts."""
        largest = max(float(np.abs(part).max()) for part in (self.war, self.refused, self.accepted))
        return largest or 1.0


class Moves(NamedTuple):
    """What happens after an offer."""

    accept: float
    """Probability of acceptance."""
    keep_if_accepted: float
    keep_if_refused: float


@dataclasses.dataclass(frozen=True)
class Equilibrium:
    """One perfect Bayesian equilibrium."""

    kind: str
    """separating, pooling, semi-separating, or no offer."""
    sincere_offers: float
    """Probability that a sincere leader offers."""
    rearming_offers: float
    accept: float
    """Probability that an offer is accepted."""
    keep_if_accepted: float
    """Probability that the backer keeps aid after an acceptance."""
    keep_if_refused: float
    ends: tuple[tuple[str, str], tuple[str, str]]
    """What each type does in an accepted truce while aid is kept, and while it is cut."""
    belief: float
    """mu after an offer; where nobody who exists offers, one of the beliefs that hold it up."""
    beliefs: tuple[float, float]
    """The beliefs that hold it up: one, except where nobody who exists offers."""
    deviation: float
    """The most that anybody gains by changing one move, in his own unit: 0, or less."""
    degenerate: bool
    """Whether somebody is indifferent who need not be, so that more mixtures are equilibria."""

    def as_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "kind": self.kind,
            "sincere_offers": self.sincere_offers,
            "rearming_offers": self.rearming_offers,
            "accept": self.accept,
            "keep_if_accepted": self.keep_if_accepted,
            "keep_if_refused": self.keep_if_refused,
            "ends": {
                kind: dict(zip(AID, of, strict=True)) for kind, of in zip(TYPES, self.ends, strict=True)
            },
            "belief_after_offer": self.belief,
            "beliefs_that_hold_it_up": list(self.beliefs),
            "deviation": self.deviation,
            "degenerate": self.degenerate,
        }


def check_probability(value: float, where: str) -> float:
    """Return a probability as it is.

    Raises:
        InputError: it is not between 0 and 1.
    """
    if not 0.0 <= value <= 1.0:  # also refuses what is no number
        raise InputError(f"{value:g} is no probability.", where, "give a number from 0 to 1.")
    return float(value)


def equilibria(game: Game) -> tuple[Equilibrium, ...]:
    """Return all perfect Bayesian equilibria of a game; where payoffs tie, see `degenerate`."""
    return tuple(_Tree(game).found())


def deviation(game: Game, found: Equilibrium) -> float:
    """Return the most that a player gains by changing one move, as a check of its own.

    It walks the tree with the strategies as they stand: each move of each player at each place is set beside
    what the strategy gives there. Where several beliefs hold it up, both ends of them are tried.
    """
    return max(_deviation(game, found, belief) for belief in {found.belief, *found.beliefs})


def _deviation(game: Game, found: Equilibrium, belief: float) -> float:
    chance = np.array([belief, 1.0 - belief])
    ended = np.array([[ENDS.index(end) for end in of] for of in found.ends])
    types, aids = np.indices(ended.shape)
    reached = game.accepted[types, aids, ended]  # [type, aid, player]
    gains = [float((game.accepted[..., 0].max(axis=2) - reached[..., 0]).max())]

    def mixed(keep: float, values: FloatArray) -> FloatArray:
        return np.asarray(keep * values[:, 0] + (1.0 - keep) * values[:, 1])

    for keep, values in ((found.keep_if_accepted, reached), (found.keep_if_refused, game.refused)):
        by_aid = chance @ values[..., 2]
        gains.append(float(by_aid.max() - (keep * by_aid[0] + (1.0 - keep) * by_aid[1])))
    taken = mixed(found.keep_if_accepted, reached)
    fought = mixed(found.keep_if_refused, game.refused)
    by_answer = np.array([chance @ taken[:, 1], chance @ fought[:, 1]])
    share = np.array([found.accept, 1.0 - found.accept])
    gains.append(float(by_answer.max() - share @ by_answer))
    offered = found.accept * taken[:, 0] + (1.0 - found.accept) * fought[:, 0]
    for kind, offers in enumerate((found.sincere_offers, found.rearming_offers)):
        by_offer = np.array([offered[kind], game.war[kind, 0]])
        gains.append(float(by_offer.max() - (offers * by_offer[0] + (1.0 - offers) * by_offer[1])))
    return max(gains)


class _Segment(NamedTuple):
    """A straight path of mixtures at one belief, from one set of moves to another."""

    first: Moves
    last: Moves

    def at(self, share: float) -> Moves:
        return Moves(*((1.0 - share) * a + share * b for a, b in zip(self.first, self.last, strict=True)))


class _Tree:
    """The tree of one game, with the last move solved."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.tolerance = TIE * game.scale
        self.tied = False
        margin = game.accepted[..., 0, 0] - game.accepted[..., 1, 0]
        ended = np.where(margin >= -self.tolerance, 0, 1)
        self.tied |= bool((np.abs(margin) <= self.tolerance).any())
        types, aids = np.indices(ended.shape)
        self.taken = game.accepted[types, aids, ended]
        self.ends = tuple(tuple(ENDS[end] for end in of) for of in ended)

    # What the others do, given a belief.

    def _kept(self, values: FloatArray, belief: float) -> float:
        """Return what the backer gains by keeping aid."""
        margin = values[:, 0, 2] - values[:, 1, 2]
        return float(belief * margin[0] + (1.0 - belief) * margin[1])

    def _worth(self, values: FloatArray, keep: float, belief: float, player: int) -> float:
        by_type = keep * values[:, 0, player] + (1.0 - keep) * values[:, 1, player]
        return float(belief * by_type[0] + (1.0 - belief) * by_type[1])

    def _taking(self, keep_if_accepted: float, keep_if_refused: float, belief: float) -> float:
        """Return what accepting gains."""
        return self._worth(self.taken, keep_if_accepted, belief, 1) - self._worth(
            self.game.refused, keep_if_refused, belief, 1
        )

    def _pure(self, belief: float) -> Moves:
        margins = [self._kept(values, belief) for values in (self.taken, self.game.refused)]
        kept = [1.0 if margin >= -self.tolerance else 0.0 for margin in margins]
        gain = self._taking(kept[0], kept[1], belief)
        return Moves(1.0 if gain >= -self.tolerance else 0.0, kept[0], kept[1])

    def _is_tied(self, belief: float, moves: Moves) -> bool:
        margins = [self._taking(moves.keep_if_accepted, moves.keep_if_refused, belief)]
        for values, reached in ((self.taken, moves.accept > 0.0), (self.game.refused, moves.accept < 1.0)):
            # Where cutting changes nothing for anybody there is nothing to be indifferent about.
            if reached and not np.array_equal(values[:, 0], values[:, 1]):
                margins.append(self._kept(values, belief))
        return any(abs(margin) <= self.tolerance for margin in margins)

    def _offered(self, moves: Moves) -> FloatArray:
        """Return what an offer is worth to each type, `[2]`."""
        accept, if_accepted, if_refused = moves
        taken = if_accepted * self.taken[:, 0, 0] + (1.0 - if_accepted) * self.taken[:, 1, 0]
        refused = self.game.refused
        fought = if_refused * refused[:, 0, 0] + (1.0 - if_refused) * refused[:, 1, 0]
        return np.asarray(accept * taken + (1.0 - accept) * fought)

    def _over_silence(self, moves: Moves) -> FloatArray:
        """Return what an offer gains for each type, `[2]`."""
        return np.asarray(self._offered(moves) - self.game.war[:, 0])

    # Beliefs at which somebody is indifferent.

    def _zero(self, at_one: float, at_zero: float) -> float | None:
        """Return the belief inside 0 to 1 at which a straight line from `at_zero` to `at_one` is zero."""
        if at_one == at_zero or min(abs(at_one), abs(at_zero)) <= self.tolerance:
            return None
        belief = at_zero / (at_zero - at_one)
        return belief if 0.0 < belief < 1.0 else None

    def _crossings(self) -> list[tuple[float, list[_Segment]]]:
        found: list[tuple[float, list[_Segment]]] = []
        of_backer: set[float] = set()
        for place, values in enumerate((self.taken, self.game.refused)):
            belief = self._zero(self._kept(values, 1.0), self._kept(values, 0.0))
            if belief is not None:
                of_backer.add(belief)
                found.append((belief, self._of_backer(belief, place)))
        for keeps in ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)):
            belief = self._zero(self._taking(*keeps, 1.0), self._taking(*keeps, 0.0))
            if belief is None or belief in of_backer:
                continue
            chosen = self._pure(belief)
            if (chosen.keep_if_accepted, chosen.keep_if_refused) == keeps:
                found.append((belief, [_Segment(Moves(0.0, *keeps), Moves(1.0, *keeps))]))
        return sorted(found, key=lambda one: one[0])

    def _of_backer(self, belief: float, place: int) -> list[_Segment]:
        """Return the path of mixtures at a belief at which the backer is indifferent.

        From cutting to keeping; where the other's answer turns on the way, he mixes there from one to the
        other.
        """
        other = (self.game.refused, self.taken)[place]
        fixed = 1.0 if self._kept(other, belief) >= -self.tolerance else 0.0

        def keeps(share: float) -> tuple[float, float]:
            return (share, fixed) if place == 0 else (fixed, share)

        start, end = (self._taking(*keeps(share), belief) for share in (0.0, 1.0))
        first, last = (1.0 if gain >= -self.tolerance else 0.0 for gain in (start, end))
        if first == last:
            return [_Segment(Moves(first, *keeps(0.0)), Moves(last, *keeps(1.0)))]
        turn = start / (start - end)
        return [
            _Segment(Moves(first, *keeps(0.0)), Moves(first, *keeps(turn))),
            _Segment(Moves(first, *keeps(turn)), Moves(last, *keeps(turn))),
            _Segment(Moves(last, *keeps(turn)), Moves(last, *keeps(1.0))),
        ]

    # The equilibria.

    def found(self) -> Iterator[Equilibrium]:
        q, slack = self.game.prior, self.tolerance
        crossings = self._crossings()
        cases = (
            (q, (1.0, 1.0), POOLING, True),
            (1.0, (1.0, 0.0), SEPARATING, q > 0.0),
            (0.0, (0.0, 1.0), SEPARATING, q < 1.0),
        )
        for belief, offers, kind, exists in cases:
            moves = self._pure(belief)
            gain = self._over_silence(moves)
            wanted = [g >= -slack if offer else g <= slack for g, offer in zip(gain, offers, strict=True)]
            if exists and all(wanted):
                tied = bool((np.abs(gain) <= slack).any()) or self._is_tied(belief, moves)
                yield self._made(kind, offers, moves, belief, tied=tied)
        for belief, segments in crossings:
            for segment in segments:
                yield from self._semi(belief, segment)
        yield from self._unseen(crossings, SILENCE, (0.0, 0.0))
        # Offers that a type would make if he existed.
        if q == 1.0:
            yield from self._unseen(crossings, SEPARATING, (0.0, 1.0))
        if q == 0.0:
            yield from self._unseen(crossings, SEPARATING, (1.0, 0.0))

    def _semi(self, belief: float, segment: _Segment) -> Iterator[Equilibrium]:
        q = self.game.prior
        mixing = 1 if belief > q else 0
        if not 0.0 < q < 1.0 or belief == q:
            return
        odds = q * (1.0 - belief) / ((1.0 - q) * belief)
        offers = (1.0, odds) if mixing == 1 else (1.0 / odds, 1.0)
        start, end = self._over_silence(segment.first), self._over_silence(segment.last)
        change = end[mixing] - start[mixing]
        if abs(change) <= self.tolerance:
            # All of the path leaves him indifferent, or none of it.
            if abs(start[mixing]) > self.tolerance:
                return
            share = 0.5
        else:
            share = float(-start[mixing] / change)
        if not 0.0 <= share <= 1.0:
            return
        moves = segment.at(share)
        other = self._over_silence(moves)[1 - mixing]
        if other >= -self.tolerance:
            # Indifferent where the path ends, he is so at beliefs beside this one too.
            tied = min(abs(start[mixing]), abs(end[mixing]), abs(other)) <= self.tolerance
            yield self._made(SEMI, offers, moves, belief, tied=bool(tied))

    def _unseen(
        self, crossings: list[tuple[float, list[_Segment]]], kind: str, offers: tuple[float, float]
    ) -> Iterator[Equilibrium]:
        """Find the equilibria in which nobody who exists offers, so that any belief may hold them up."""
        sign = np.where(np.array(offers) > 0.0, -1.0, 1.0)

        def temptation(moves: Moves) -> FloatArray:
            """Return what each type would gain by doing otherwise, `[2]`."""
            return np.asarray(sign * self._over_silence(moves))

        ends = [0.0, *(belief for belief, _ in crossings), 1.0]
        held: list[tuple[float, float, Moves, bool]] = []
        for low, high in itertools.pairwise(ends):
            moves = self._pure(0.5 * (low + high))
            gain = temptation(moves)
            if high > low and (gain <= self.tolerance).all():
                tied = bool((np.abs(gain) <= self.tolerance).any())
                if held and held[-1][1] == low and held[-1][2] == moves:
                    held[-1] = (held[-1][0], high, moves, tied)
                else:
                    held.append((low, high, moves, tied))
        for low, high, moves, tied in held:
            yield self._made(kind, offers, moves, 0.5 * (low + high), (low, high), tied)
        # Mixtures that hold it up where neither end of the path does.
        for belief, segments in crossings:
            for segment in segments:
                start, end = temptation(segment.first), temptation(segment.last)
                # A pure end of the path is what a whole interval of beliefs has, which is listed above.
                pure = [
                    gain
                    for moves, gain in ((segment.first, start), (segment.last, end))
                    if set(moves) <= {0.0, 1.0}
                ]
                if any((gain <= self.tolerance).all() for gain in pure):
                    continue
                least, most = 0.0, 1.0
                for a, b in zip(start, end, strict=True):
                    if a <= 0.0 and b <= 0.0:
                        continue
                    if a > 0.0 and b > 0.0:
                        least, most = 1.0, 0.0
                        break
                    zero = a / (a - b)
                    least, most = (max(least, zero), most) if a > 0.0 else (least, min(most, zero))
                if least <= most:
                    moves = segment.at(0.5 * (least + most))
                    tied = bool((np.abs(temptation(moves)) <= self.tolerance).any())
                    yield self._made(kind, offers, moves, belief, tied=tied)

    def _made(
        self,
        kind: str,
        offers: tuple[float, float],
        moves: Moves,
        belief: float,
        beliefs: tuple[float, float] | None = None,
        tied: bool = False,
    ) -> Equilibrium:
        first, second = self.ends
        made = Equilibrium(
            kind=kind,
            sincere_offers=float(offers[0]),
            rearming_offers=float(offers[1]),
            accept=moves.accept,
            keep_if_accepted=moves.keep_if_accepted,
            keep_if_refused=moves.keep_if_refused,
            ends=((first[0], first[1]), (second[0], second[1])),
            belief=float(belief),
            beliefs=beliefs or (float(belief), float(belief)),
            deviation=0.0,
            degenerate=tied or self.tied,
        )
        return dataclasses.replace(made, deviation=deviation(self.game, made))
