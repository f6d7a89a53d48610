"""Verification: what a job left, compared with a plain decode of its input.

Nothing of what made the results is used to check them: not the product's probe, plan, decoder, repair of
timestamps or orientation. A fault there shows here as a difference.
"""

from api_client.verify.report import VerifyReport
from api_client.verify.verification import verify_result

__all__ = ["VerifyReport", "verify_result"]
