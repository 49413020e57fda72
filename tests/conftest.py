"""How hard the property tests try: VOLSCULPT_HYPOTHESIS = dev | ci | long | thorough."""

import os

from hypothesis import settings

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", derandomize=True, max_examples=100, deadline=None)
settings.register_profile("long", derandomize=True, max_examples=400, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("VOLSCULPT_HYPOTHESIS", "dev"))
