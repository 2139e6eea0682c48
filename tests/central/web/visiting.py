"""Somebody who asks central's pages for whatever they like, without a browser."""

from __future__ import annotations

import requests

from tests.central.web.conftest import PASSWORD


class Visitor:
    """Whoever sends what they like; nothing is followed."""

    def __init__(self, url: str, token: str = "") -> None:
        self.http = requests.Session()
        self.http.trust_env = False
        self.url = url
        if token:
            self.http.cookies.set("central", token)

    @property
    def token(self) -> str:
        """Of the newest session."""
        return [each.value or "" for each in self.http.cookies if each.name == "central"][-1]

    def get(self, path: str, **more: object) -> requests.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: object) -> requests.Response:
        return self.ask("POST", path, **more)

    def ask(self, method: str, path: str, **more: object) -> requests.Response:
        return self.http.request(
            method,
            self.url + path,
            allow_redirects=False,
            timeout=20,
            **more,  # type: ignore[arg-type]
        )

    def sign_in(self, name: str, password: str = PASSWORD) -> requests.Response:
        return self.post("/login", data={"name": name, "password": password})
