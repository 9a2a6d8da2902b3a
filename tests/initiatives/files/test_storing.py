"""The storage: a folder, and a real S3-compatible server where there is one."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from sangkien.core.errors import NotFound
from sangkien.initiatives.files import add_file, remove_file, sweep
from sangkien.initiatives.files.storing import hash_of, hold, key_of, open_stored, storage, store
from sangkien.initiatives.models import Draft
from tests.initiatives.files import samples as s
from tests.initiatives.files.services import needs, refused

NOW = timedelta(seconds=-5)
"""How old something must be to be swept away at once, also by a clock that is a little behind."""


def put(content: bytes) -> str:
    sha256, size = hash_of(io.BytesIO(content))
    assert size == len(content)
    store(io.BytesIO(content), sha256)
    return sha256


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of a SeaweedFS that speaks S3, with one user."""
    program = shutil.which("weed")
    if program is None:
        needs("weed, the program of SeaweedFS")
    assert program
    with tempfile.TemporaryDirectory() as name:
        users = [{"name": "ours", "credentials": [{"accessKey": "k", "secretKey": "s"}], "actions": ["Admin"]}]
        (Path(name) / "s3.json").write_text(json.dumps({"identities": users}))
        port, *others = (free_port() for _part in range(9))
        parts = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")
        process = subprocess.Popen(
            [
                program, "server", f"-dir={name}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.port={port}",
                f"-s3.port.grpc={others[6]}", f"-s3.config={name}/s3.json", "-master.volumeSizeLimitMB=64",
                "-volume.max=200", *(f"-{part}={other}" for part, other in zip(parts, others, strict=False)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        address = f"http://127.0.0.1:{port}"
        try:
            wait_for(address, process)
            yield address
        finally:
            process.kill()  # it would take half a minute to put in order what nobody needs any more
            process.wait(timeout=30)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    client = client_of(address)
    until = time.monotonic() + 60
    while True:
        assert process.poll() is None, "the S3 server has ended"
        try:
            client.create_bucket(Bucket="ours")
            client.put_object(Bucket="ours", Key="probe", Body=b"x")
            return
        except (BotoCoreError, ClientError):
            assert time.monotonic() < until, "the S3 server does not come up"
            time.sleep(0.3)


def client_of(address: str):  # type: ignore[no-untyped-def]
    return boto3.client(
        "s3", endpoint_url=address, aws_access_key_id="k", aws_secret_access_key="s", region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )  # fmt: skip


@pytest.fixture(params=["folder", "s3"])
def either(request: pytest.FixtureRequest, settings: Settings) -> str:
    """Both storages, one after the other."""
    if request.param == "s3":
        address = request.getfixturevalue("s3_server")
        bucket = f"b-{uuid4()}"
        client_of(address).create_bucket(Bucket=bucket)
        options = {"bucket_name": bucket, "endpoint_url": address, "region_name": "us-east-1"} | {
            "access_key": "k", "secret_key": "s",
        }  # fmt: skip
        s3 = {"BACKEND": "sangkien.initiatives.files.s3.S3Files", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "attachments": s3}
    return str(request.param)


def test_what_is_stored_is_read_again(either: str) -> None:
    content = os.urandom(3 * 1024 * 1024)
    sha256 = put(content)
    with open_stored(sha256) as file:
        assert hash_of(file) == (sha256, len(content))
    assert sha256 == hashlib.sha256(content).hexdigest()


def test_a_content_is_stored_once(either: str) -> None:
    sha256 = put(b"the same")
    before = storage().get_modified_time(key_of(sha256))
    time.sleep(1.1)  # S3 counts in seconds
    assert put(b"the same") == sha256
    assert storage().get_modified_time(key_of(sha256)) == before
    assert storage().listdir(sha256[:2])[1] == [sha256]


def test_a_content_that_is_not_there_is_not_found(either: str) -> None:
    with pytest.raises(NotFound):
        open_stored("0" * 64)


def test_what_nothing_names_is_swept_away_and_the_rest_stays(either: str, draft: Draft) -> None:
    def add() -> tuple[int, str]:
        file = add_file(actor=draft.owner, draft_id=draft.pk, name="a.pdf", stream=io.BytesIO(s.pdf()))
        return file.pk, file.sha256

    (removed, orphan), (_kept, named) = add(), add()
    remove_file(actor=draft.owner, draft_id=draft.pk, file_id=removed)
    assert sweep().files == 0  # it is not a day old
    assert sweep(NOW).files == 1
    assert not storage().exists(key_of(orphan))
    assert storage().exists(key_of(named))
    assert sweep(NOW).files == 0


def test_a_large_document_goes_through_whole(either: str, draft: Draft) -> None:
    content = s.pdf(19 * 1024 * 1024)
    file = add_file(actor=draft.owner, draft_id=draft.pk, name="a.pdf", stream=io.BytesIO(content))
    with open_stored(file.sha256) as stored:
        assert hash_of(stored) == (file.sha256, len(content))


def test_an_s3_server_that_is_away_is_told_in_a_sentence(draft: Draft, settings: Settings) -> None:
    options = {"bucket_name": "b", "endpoint_url": f"http://127.0.0.1:{free_port()}", "region_name": "us-east-1"}
    s3 = {
        "BACKEND": "sangkien.initiatives.files.s3.S3Files",
        "OPTIONS": {**options, "access_key": "k", "secret_key": "s"},
    }
    settings.STORAGES = {**settings.STORAGES, "attachments": s3}
    with refused("not_stored"):
        add_file(actor=draft.owner, draft_id=draft.pk, name="a.pdf", stream=io.BytesIO(s.PDF))


# --- the folder ---------------------------------------------------------------------------------------------------


def test_only_this_user_may_read_the_folder_and_its_files(storage_folder: Path) -> None:
    sha256 = put(b"private")
    path = storage_folder / key_of(sha256)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_write_that_breaks_off_leaves_nothing_under_the_hash(storage_folder: Path) -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the disk is gone")

    with refused("not_stored"):
        store(Breaking(b"x" * 100), "a" * 64)
    assert [path for path in storage_folder.rglob("*") if path.is_file()] == []


def test_what_a_killed_process_left_half_written_is_swept_away(storage_folder: Path, db: None) -> None:
    put(b"whole")
    folder = next(storage_folder.iterdir())
    (folder / "tmpabc.part").write_bytes(b"half")
    assert sweep(NOW).files == 2


def test_nothing_has_an_address(storage_folder: Path) -> None:
    assert not str(storage_folder).startswith(str(Path("sangkien").resolve()))


def test_before_anything_was_stored_there_is_nothing_to_sweep(db: None) -> None:
    assert sweep(NOW).files == 0


@pytest.mark.django_db(transaction=True)
def test_a_content_that_is_being_named_is_not_swept_away() -> None:
    sha256 = put(b"about to be named")
    with transaction.atomic():
        hold(sha256)
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
                with pytest.raises(Exception, match="lock timeout"):
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [(0x5B << 48) | int(sha256[:12], 16)])
        finally:
            other.close()
