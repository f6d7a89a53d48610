"""What every test that completes a job asks of its results."""

from pathlib import Path

from api_client.verify import VerifyReport, verify_result


def assert_verified(source: Path, directory: Path) -> VerifyReport:
    """Compare results with their input; whatever differs is in the failure's message."""
    report = verify_result(source, directory)
    assert not report.differences, "\n".join(report.differences)
    return report
