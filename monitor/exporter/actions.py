"""The read-only catalogue in the form of CKAN's action API: `{help, success, result}` or `{..., error}`.

The event loop only reads and writes: what is asked of the register is answered by two threads, each in a
snapshot of its own, and so many requests wait at most.
"""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from catalog.actions import ACTIONS
from catalog.listing import Shelf
from catalog.parameters import ActionError, Kind, Parameters
from store.database import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from store.database import Register

log = structlog.get_logger()
PLACES = ("/api/3/action/", "/api/action/")
PLACE = "/api/3/action"  # how requests are counted
METHODS = ("GET", "HEAD", "POST")
BODY = 64 << 10  # bytes of a request's body
FIELDS = 50  # parameters of a request
THREADS, WAITING = 2, 32
STATUS = {Kind.NOT_FOUND: 404, Kind.VALIDATION: 409, Kind.QUERY: 400}
BAD = "Bad Request"
DEMAND = 'Basic realm="rightsizer", charset="UTF-8"'
HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": DEMAND},
    405: {"Allow": ", ".join(METHODS)},
    503: {"Retry-After": "5"},
}


class RequestError(ValueError):
    """A request that no action sees. `kind`: of the answer's error."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


def action_of(path: str) -> str | None:
    """What stands behind the place of actions; None for another path."""
    return next((path.removeprefix(place) for place in PLACES if path.startswith(place)), None)


@contextmanager
def actions(register: Register) -> Iterator[Actions]:
    """Answers over this register, while the block runs."""
    pool = ThreadPoolExecutor(THREADS, "catalog")
    try:
        yield Actions(register, pool)
    finally:
        pool.shutdown(cancel_futures=True)


class Actions:
    """Answers requests; lives in the server's loop."""

    def __init__(self, register: Register, pool: ThreadPoolExecutor) -> None:
        self.register = register
        self.pool = pool
        self.shelf = Shelf()
        self.waiting = 0

    async def answer(self, request: web.BaseRequest) -> web.Response:
        name = action_of(request.path) or ""
        try:
            given = await parameters(request, name)
            return await self.worked(name, given)
        except RequestError as error:
            return failed(name, error.status, error.kind, {"message": str(error)})

    async def worked(self, name: str, given: Parameters) -> web.Response:
        if self.waiting >= WAITING:
            raise RequestError(503, "Service Unavailable", "too many requests at once; ask again later")
        self.waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self.pool, self.work, name, given)
        finally:
            self.waiting -= 1

    def work(self, name: str, given: Parameters) -> web.Response:
        """In a thread of the pool."""
        try:
            with self.register.read() as db:
                result = ACTIONS[name](db, self.shelf.listing(db), given)
        except ActionError as error:
            about = {} if error.about is None else {error.about: [str(error)]}
            return failed(name, STATUS[error.kind], error.kind, {"message": str(error)} | about)
        except (SQLAlchemyError, StoreError) as error:
            log.warning("catalog_unanswered", action=name, error=type(error).__name__)
            return failed(
                name, 503, "Service Unavailable", {"message": "the register cannot be read; ask again later"}
            )
        return said(200, {"help": help_of(name), "success": True, "result": result})


async def parameters(request: web.BaseRequest, name: str) -> Parameters:
    """Of the address, or of the body of a POST: JSON, or a form. Raises RequestError."""
    if name not in ACTIONS:
        raise RequestError(400, BAD, f"Action name not known; there are {', '.join(ACTIONS)}")
    if request.method not in METHODS:
        raise RequestError(405, BAD, "GET, HEAD or POST")
    if request.method != "POST":
        return Parameters(of_form(request.rel_url.raw_query_string))
    body = await body_of(request)
    if request.content_type == "application/x-www-form-urlencoded" and not body.lstrip().startswith(b"{"):
        return Parameters(of_form(decoded(body)))
    if request.content_type.startswith("multipart/"):
        raise RequestError(415, BAD, "JSON or a form; nothing is uploaded here")
    return Parameters(of_json(decoded(body)))


async def body_of(request: web.BaseRequest) -> bytes:
    """Raises RequestError for more than BODY."""
    parts, size = [], 0
    if (request.content_length or 0) <= BODY:
        async for part in request.content.iter_any():
            parts.append(part)
            size += len(part)
            if size > BODY:
                break
        else:
            return b"".join(parts)
    raise RequestError(413, BAD, f"a body of at most {BODY} bytes")


def decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError(400, BAD, "a body in UTF-8") from None


def of_form(text: str) -> dict[str, object]:
    """What stands twice is a list. Raises RequestError."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError:
        raise RequestError(400, BAD, f"at most {FIELDS} parameters, in UTF-8") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def of_json(text: str) -> dict[str, object]:
    """Raises RequestError."""
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise RequestError(400, BAD, "JSON Error: the body is no JSON") from None
    if not isinstance(found, dict) or len(found) > FIELDS:
        raise RequestError(400, BAD, f"JSON Error: an object of at most {FIELDS} parameters")
    return found


def help_of(name: str) -> str:
    return f"{PLACE}/help_show?name={name}" if name in ACTIONS else f"{PLACE}/help_show"


def unknown() -> web.Response:
    """To somebody without the name and the password of the settings."""
    return failed("", 401, "Authorization Error", {"message": "a name and a password are needed"})


def failed(name: str, status: int, kind: str, error: dict[str, Any]) -> web.Response:
    return said(status, {"help": help_of(name), "success": False, "error": {"__type": kind, **error}})


def said(status: int, body: dict[str, Any]) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(
        status=status,
        body=text.encode("utf-8", "replace"),
        content_type="application/json",
        charset="utf-8",
        headers={"X-Content-Type-Options": "nosniff", **HEADERS.get(status, {})},
    )
