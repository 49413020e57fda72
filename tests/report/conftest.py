"""What tests of reports share."""

from tests.report.joint_market import store as store
