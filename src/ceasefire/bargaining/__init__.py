"""What an offer is worth: the signalling game on the war's own payoffs, belief, commitment.

`offer` is the entry: it runs the branches of the game over the same sampled wars, reads the record of both
sides, and gives the answer as a curve over the prior. `history` says how past ceasefires ended,
`offers_as_episodes` what followed the offers on record, `when_leaders_stop` why a leader goes on.
"""

from ceasefire.bargaining.belief import (
    Belief,
    Observation,
    Ratio,
    ReferenceClass,
    believe,
    reference_classes,
    stated_ratios,
    update,
)
from ceasefire.bargaining.branches import Branch
from ceasefire.bargaining.commitment import Commitment, Shift, commitment, preventive_war
from ceasefire.bargaining.directions import DIRECTIONS, Direction, directions
from ceasefire.bargaining.episodes import (
    Advised,
    Episode,
    Episodes,
    RecordedOffer,
    by_belief,
    by_game,
    offers_as_episodes,
)
from ceasefire.bargaining.game import AID, ENDS, KINDS, TYPES, Equilibrium, Game, deviation, equilibria
from ceasefire.bargaining.minimal import MinimalGame, minimal_game, threshold
from ceasefire.bargaining.offering import Offer, Threshold, offer
from ceasefire.bargaining.past import History, history
from ceasefire.bargaining.payoffs import Estimate, Payoffs, Stakes, payoffs
from ceasefire.bargaining.published import PUBLISHED, Published
from ceasefire.bargaining.random_walk import RandomWalk, random_walk
from ceasefire.bargaining.resurrection import Line, Resurrection, odds_required, when_leaders_stop
from ceasefire.bargaining.stated import REARMING, SINCERE, Terms, Type, Values

__all__ = [
    "AID",
    "DIRECTIONS",
    "ENDS",
    "KINDS",
    "PUBLISHED",
    "REARMING",
    "SINCERE",
    "TYPES",
    "Advised",
    "Belief",
    "Branch",
    "Commitment",
    "Direction",
    "Episode",
    "Episodes",
    "Equilibrium",
    "Estimate",
    "Game",
    "History",
    "Line",
    "MinimalGame",
    "Observation",
    "Offer",
    "Payoffs",
    "Published",
    "RandomWalk",
    "Ratio",
    "RecordedOffer",
    "ReferenceClass",
    "Resurrection",
    "Shift",
    "Stakes",
    "Terms",
    "Threshold",
    "Type",
    "Values",
    "believe",
    "by_belief",
    "by_game",
    "commitment",
    "deviation",
    "directions",
    "equilibria",
    "history",
    "minimal_game",
    "odds_required",
    "offer",
    "offers_as_episodes",
    "payoffs",
    "preventive_war",
    "random_walk",
    "reference_classes",
    "stated_ratios",
    "threshold",
    "update",
    "when_leaders_stop",
]
