# What a type checker sees of `import ceasefire`: the names of `ceasefire.api`. A test compares the two.
from ceasefire.api import InputError as InputError
from ceasefire.api import aid as aid
from ceasefire.api import ask as ask
from ceasefire.api import audit as audit
from ceasefire.api import backtest as backtest
from ceasefire.api import calibrate as calibrate
from ceasefire.api import choose_posterior as choose_posterior
from ceasefire.api import compare as compare
from ceasefire.api import computing as computing
from ceasefire.api import discover as discover
from ceasefire.api import load_claims as load_claims
from ceasefire.api import load_evidence as load_evidence
from ceasefire.api import load_posterior as load_posterior
from ceasefire.api import load_scenario as load_scenario
from ceasefire.api import offer as offer
from ceasefire.api import plot as plot
from ceasefire.api import run as run
from ceasefire.api import save as save
from ceasefire.api import sensitivity as sensitivity
from ceasefire.api import shipped as shipped
from ceasefire.api import svg as svg
from ceasefire.api import table as table
from ceasefire.api import weigh as weigh

__all__: list[str]
__version__: str
