"""What people are told of jobs, through a web hook."""

import pytest

from api_client.errors import SettingsError
from api_client.watched_folder.notices import MOST_MESSAGES, Notifier, notice_of_job, notices_of_tracks
from tests.servers.web_hook import WebHook


def track(tracker_id: int) -> dict[str, object]:
    times = {"first_seconds": 3.2, "last_seconds": 62.0}
    return {"class_name": "dog", "tracker_id": tracker_id, "best_confidence": 0.914, **times}


def test_a_message_arrives_at_every_address() -> None:
    with WebHook() as one, WebHook() as another:
        notice = notice_of_job("walk.mp4", "completed", "dog 120", "walk-horatio")
        delivered = Notifier([one.url, another.url]).send(notice)

    assert delivered
    assert one.messages[0]["title"] == another.messages[0]["title"] == "walk.mp4: completed"
    assert "dog 120" in one.messages[0]["message"]


def test_one_that_cannot_be_delivered_is_told() -> None:
    with WebHook() as gone:
        url = gone.url

    assert not Notifier([url]).send(notice_of_job("walk.mp4", "completed", "", ""))


def test_there_is_a_message_for_each_object_and_no_flood() -> None:
    few, many = (
        [*notices_of_tracks("walk.mp4", map(track, range(1, 1 + n)))] for n in (2, MOST_MESSAGES + 9)
    )

    assert [notice.title for notice in few] == ["walk.mp4: dog #1", "walk.mp4: dog #2"]
    assert few[0].body == "0:00:03 to 0:01:02, 91% at its best"
    assert len(many) == MOST_MESSAGES + 1
    assert many[-1].title == "walk.mp4: and 9 more objects"


def test_an_address_that_is_none_is_refused_without_its_password() -> None:
    with pytest.raises(SettingsError, match="number 1 \\(carrier-pigeon\\)") as caught:
        Notifier(["carrier-pigeon://secret@loft"])

    assert "secret" not in str(caught.value)
