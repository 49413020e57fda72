"""How hard the property tests try: VOLSCULPT_HYPOTHESIS = dev | ci | long | thorough | quick."""

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", derandomize=True, max_examples=100, deadline=None)
settings.register_profile("long", derandomize=True, max_examples=300, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.register_profile(  # for who asks only whether anything fails, not at what
    "quick",
    derandomize=True,
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("VOLSCULPT_HYPOTHESIS", "dev"))
