"""The application for a WSGI server; settings come from the environment (see portal/config.py)."""

from __future__ import annotations

import os

from portal import create_app
from portal.config import Config

app = create_app(Config.from_environ(os.environ))
