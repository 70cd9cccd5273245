"""The database of the one-machine stack, under what a busy fleet asks of it at once."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import gridfs
import pymongo
import pytest

SOURCES = [os.urandom(size) for size in (12_000_000, 3_000_000, 12_000_000)]
WRITERS, FOLLOWERS = 4, 4
WRITES = 40  # of each writer
LIMIT_S = 30


def _come_and_go(url: str, name: str) -> int:
    """Files are written, read and deleted; how many came back as they went in."""
    with pymongo.MongoClient[dict[str, object]](url, socketTimeoutMS=LIMIT_S * 1000) as client:
        files = gridfs.GridFS(client[name])
        same = 0
        for turn in range(WRITES):
            source = SOURCES[turn % len(SOURCES)]
            key = files.put(source)
            same += files.get(key).read() == source
            files.delete(key)
        return same


def _follow(url: str, name: str, number: int, done: Event) -> int:
    """Small documents are written and read, as by those who follow jobs; how often."""
    change = {"$inc": {"seq": 1}, "$set": {"text": "x" * 5000}}
    with pymongo.MongoClient[dict[str, object]](url, socketTimeoutMS=LIMIT_S * 1000) as client:
        jobs = client[name]["jobs"]
        turns = 0
        while not done.is_set():
            jobs.update_one({"_id": number}, change, upsert=True)
            turns += any(job["_id"] == number for job in jobs.find())
        return turns


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_large_files_come_and_go_while_jobs_are_followed(mongo_url: str) -> None:
    """A cache that is too small for them ends in requests that wait for one another for ever."""
    name, done = f"local_store_{uuid4().hex}", Event()
    with ThreadPoolExecutor(WRITERS + FOLLOWERS) as threads:
        following = [threads.submit(_follow, mongo_url, name, number, done) for number in range(FOLLOWERS)]
        writing = [threads.submit(_come_and_go, mongo_url, name) for _ in range(WRITERS)]
        try:
            assert [one.result() for one in writing] == [WRITES] * WRITERS
        finally:
            done.set()
        followed = dict(enumerate(one.result() for one in following))
    with pymongo.MongoClient[dict[str, object]](mongo_url) as client:
        assert {job["_id"]: job["seq"] for job in client[name]["jobs"].find()} == followed
        client.drop_database(name)
    assert all(followed.values())
