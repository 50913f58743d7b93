"""Signing in: Flask-Security does the passwords and sessions, `access` does the doors."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from portal.access import EVERY_ROLE, PUBLIC, Access, Actor, declare, guard
from portal.accounts.forms import NewPasswordForm, SignInForm
from portal.accounts.provision import PASSWORD_MIN_CHARS, find_by_token
from portal.accounts.tables import Account, RoleRow
from portal.accounts.views import bp
from portal.config import Config
from portal.database import db

SESSION_LIFETIME = timedelta(days=14)


def install_accounts(app: Flask, config: Config) -> None:
    """Sign-in, sessions, tokens and the guard on every route. Needs `db` bound to the app."""
    app.config.from_mapping(_cookie_settings(config))
    app.config.from_mapping(_security_settings(config))
    guard(app, _find_token)
    rows = SQLAlchemyUserDatastore(db, Account, RoleRow)
    Security(app, rows, login_form=SignInForm, change_password_form=NewPasswordForm)
    # Flask-Security would also take its own tokens from headers and query strings; ours are the
    # only ones, and only /api takes them.
    app.login_manager.request_loader(lambda _request: None)
    declare(app.view_functions["security.login"], PUBLIC)
    declare(app.view_functions["security.logout"], PUBLIC)
    declare(app.view_functions["security.change_password"], Access(EVERY_ROLE))
    app.register_blueprint(bp)


def _find_token(token: str) -> Actor | None:
    account = find_by_token(db.session, token)
    return account.as_actor() if account else None


def _cookie_settings(config: Config) -> dict[str, object]:
    return {
        "SECRET_KEY": config.secret_key,
        "SESSION_COOKIE_NAME": "mingan",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.is_https,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": config.is_https,
        "REMEMBER_COOKIE_DURATION": SESSION_LIFETIME,
        "PERMANENT_SESSION_LIFETIME": SESSION_LIFETIME,
        # A claim may lie open on a phone all afternoon; the token ends with the session.
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _security_settings(config: Config) -> dict[str, object]:
    return {
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SINGLE_HASH": True,  # argon2 salts by itself; no site-wide salt to lose
        "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__rounds": config.hashing.rounds,
            "argon2__memory_cost": config.hashing.memory_kib,
            "argon2__parallelism": config.hashing.lanes,
        },
        "SECURITY_PASSWORD_LENGTH_MIN": PASSWORD_MIN_CHARS,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
        "SECURITY_CHANGEABLE": True,
        "SECURITY_CHANGE_URL": "/account/password",
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
        "SECURITY_POST_LOGIN_VIEW": "accounts.home",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_FLASH_MESSAGES": False,
        # The same answer for a wrong password and an unknown address: no list of who is here.
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        # Every sensitive action asks for what it needs; no second sign-in page.
        "SECURITY_FRESHNESS": timedelta(minutes=-1),
        "SECURITY_STATIC_FOLDER": None,
    }
