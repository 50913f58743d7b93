"""The commands of `mingan`; each is a few lines that call the module that does the work.

Exit status: 0 done, 1 it failed and says why, 2 wrong usage or settings, 3 something differs.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from ledger import LedgerError
from ledger.__main__ import main as run_ledger
from portal import create_app
from portal.access import Actor, Role
from portal.accounts.holders import Holder, account_of
from portal.accounts.provision import create_account, issue_token
from portal.association import demo_witness, prepare_witness
from portal.checking import compare
from portal.config import Config, ConfigError
from portal.database import db
from portal.demo import furnish
from portal.documents import read_document
from portal.erasing import erase_case
from portal.errors import PortalError
from portal.house import House
from portal.installing import TOKEN_FILE, Installed, install, is_installed
from portal.invariants.checks import check_refunds, with_whole_store
from portal.invariants.printing import as_document
from portal.invariants.printing import report as invariants_report
from portal.invariants.simulated import open_log
from portal.keyfile import KeyFileError
from portal.livestreams.desk import take_livestream
from portal.orders.desk import take_order
from portal.quality.nightly import run as make_figures
from portal.quality.printing import report
from portal.reconciling.console import describe_reconcile, reconcile_by_hand
from portal.rehearsal.failures import PlayFailed
from portal.rehearsal.folder import livestream_in
from portal.rehearsal.playing import Wanted, play_folder
from portal.serving import AddressTaken, serve, web, work
from portal.simulator.company import prepare_simulator
from portal.simulator.running import describe_simulator, run_simulator
from portal.speech import explained, say, words
from portal.trustees.company import demo_trustees, prepare_trustees
from portal.upkeep import AlreadyRunning
from reviewers.trustee.__main__ import main as run_trustee

DONE, FAILED, USAGE, DIFFERS = 0, 1, 2, 3
# Programs of their own, which need nothing of an installation.
APART = {"ledger": run_ledger, "trustee": run_trustee}
Command = Callable[[argparse.Namespace], int | None]


class NotInstalled(Exception):
    """A command that needs an installation, and there is none."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for name, run in APART.items():
        if given[:1] == [name]:
            return run(given[1:])
    options = _parser().parse_args(given)
    command: Command = options.run
    try:
        return command(options) or DONE
    except (ConfigError, KeyFileError) as error:
        return _fail(str(error), USAGE)
    except NotInstalled as missing:
        return _fail(
            words(
                f"{missing} 里还没有安装：请运行 mingan init，或者用 MINGAN_HOME 指明在哪里",
                f"nothing is set up in {missing}: run mingan init, or set MINGAN_HOME",
            )
        )
    except AddressTaken as error:
        return _fail(words(f"地址不能用：{error}", f"cannot listen there: {error}"))
    except AlreadyRunning as error:
        return _fail(words(f"已有一个进程在执行：{error}", f"already running: {error}"))
    except PortalError as error:
        return _fail(explained(error))
    except OSError as error:
        return _fail(_told(error))
    except (LedgerError, PlayFailed) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return FAILED


def _init(options: argparse.Namespace) -> None:
    config = Config.from_environ(os.environ)
    if options.demo:
        prepare_witness(config)
    with demo_witness(config) as asking:
        if options.demo:
            prepare_trustees(asking)
            prepare_simulator(config)
        with demo_trustees(asking) as sealing, closing(install(sealing)) as installed:
            _welcome(config, installed)
            if options.demo:
                furnish(installed.app, installed.house)


def _welcome(config: Config, installed: Installed) -> None:
    if installed.fresh:
        say(f"已安装：{config.folder}", f"Set up in {config.folder}")
    else:
        say(f"已经安装过：{config.folder}", f"Already set up in {config.folder}")
    say(f"管理员令牌：{config.folder / TOKEN_FILE}", f"Operator: {config.folder / TOKEN_FILE}")


def _serve(options: argparse.Namespace) -> None:
    if options.init:
        install(Config.from_environ(os.environ)).close()
    serve(_installed())


def _web(options: argparse.Namespace) -> None:
    web(_installed())


def _work(options: argparse.Namespace) -> None:
    work(_installed())


def _verify(options: argparse.Namespace) -> int:
    with _house() as house:
        differences = compare(house)
    for difference in differences:
        print(difference)
    if differences:
        say("有不一致", "NOT sound")
        return FAILED
    say("一致：记录完整，页面数据与记录相同", "sound: the records hold, and the rows are theirs")
    return DONE


def _rebuild(options: argparse.Namespace) -> None:
    with _house() as house:
        size = house.projection.rebuild()
    say(f"已按 {size} 条记录重建", f"rebuilt from {size} entries")


def _erase(options: argparse.Namespace) -> None:
    with _house() as house:
        index = erase_case(house, options.case_no)
    say(f"内容已删除，记录于第 {index} 条", f"erased, as entry {index} records")


def _add_orders(options: argparse.Namespace) -> None:
    with _house() as house:
        for path in options.files:
            content = path.read_bytes()
            taken = take_order(house, _platform_of(content), content)
            print(f"{taken.order_id}  #{taken.receipt.index}  {taken.receipt.digest}", flush=True)


def _add_livestreams(options: argparse.Namespace) -> None:
    with _house() as house:
        for folder in options.folders:
            given = livestream_in(folder)
            taken = take_livestream(house, _platform_of(given.session), given)
            print(f"{taken.session_id}  #{taken.receipt.index}  {taken.receipt.digest}", flush=True)


def _quality(options: argparse.Namespace) -> None:
    with _house() as house:
        figures = make_figures(house)
    print(json.dumps(figures, ensure_ascii=False, indent=2) if options.json else report(figures))


def _check_refunds(options: argparse.Namespace) -> int:
    with _house() as house:
        findings = check_refunds(house, open_log(house.config, house.clock.now))
        if options.full:
            findings = with_whole_store(house, findings)
    broken = any(not finding.ok for finding in findings)
    document = json.dumps(as_document(findings), ensure_ascii=False, indent=2)
    print(document if options.json else invariants_report(findings))
    return FAILED if broken else DONE


def _simulator(options: argparse.Namespace) -> None:
    run_simulator(Config.from_environ(os.environ), options)


def _reconcile(options: argparse.Namespace) -> int:
    with _house() as house:
        return DIFFERS if reconcile_by_hand(house, options) else DONE


def _token(options: argparse.Namespace) -> None:
    app = create_app(_installed())
    house: House = app.extensions["mingan"]
    holder = Holder(Role(options.role), options.reference, options.name, options.platform)
    with app.app_context():
        account = account_of(db.session, holder)
        print(issue_token(db.session, account, label="mingan token", at=house.clock.now()))
        db.session.commit()
    house.log.close()


def _operator(options: argparse.Namespace) -> None:
    """Here and not on a page: two operators must be two people, whoever they are."""
    app = create_app(_installed())
    asked = words("初始密码：", "First password: ")
    here = sys.stdin.isatty()
    password = getpass.getpass(asked) if here else sys.stdin.readline().rstrip("\n")
    wish = {"email": options.email, "password": password, "name": options.name}
    with app.app_context():
        create_account(db.session, **wish, roles=[Role.OPERATOR])
        db.session.commit()
    app.extensions["mingan"].log.close()


def _play(options: argparse.Namespace) -> int:
    # Ended from outside it still has a server of its own to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(FAILED))
    wanted = Wanted(
        folder=options.folder,
        url=options.url,
        out=options.out,
        token_file=options.token_file or _token_file(),
        patience=options.patience,
        fresh=options.fresh,
    )
    return DONE if play_folder(wanted) else DIFFERS


def _token_file() -> Path:
    """The token of the installation that is named, else of the usual one, else of the demo."""
    named = os.environ.get("MINGAN_HOME")
    homes = [Path(named)] if named else [Path("var"), Path("var/demo")]
    return next((h / TOKEN_FILE for h in homes if (h / TOKEN_FILE).exists()), homes[0] / TOKEN_FILE)


def _platform_of(content: bytes) -> Actor:
    """On this machine its operator acts for the platform that the document names."""
    platform = read_document(content).get("platform")
    return Actor(roles=frozenset({Role.PLATFORM}), platform=str(platform))


def _installed() -> Config:
    config = Config.from_environ(os.environ)
    if not is_installed(config):
        raise NotInstalled(config.folder)
    return config


@contextmanager
def _house() -> Iterator[House]:
    house: House = create_app(_installed()).extensions["mingan"]
    with closing(house.log):
        house.projection.catch_up()
        yield house


def _told(error: OSError) -> str:
    """Which file, and what is wrong with it, without Python's number for that."""
    if not (error.filename and error.strerror):
        return str(error)
    return f"{os.fsdecode(error.filename)}: {error.strerror}"


def _fail(text: str, status: int = FAILED) -> int:
    print(text, file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mingan", description="Ming'an (明案)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    init = add("init", _init, "make folders, keys, tables and the operator; safe to repeat")
    init.add_argument("--demo", action="store_true", help="sample people, reviewers and cases")
    serving = add("serve", _serve, "the portal in one process, web and worker")
    serving.add_argument("--init", action="store_true", help="set up first, where needed")
    add("web", _web, "requests only; needs a worker beside it")
    add("worker", _work, "duties only: clocks, panels, ballots, refunds")
    add("verify", _verify, "check the store, and the tables against it")
    measuring = add("quality", _quality, "measure the pool's judging now, as every night")
    measuring.add_argument("--json", action="store_true", help="every figure, for programs")
    refunds = add("check-refunds", _check_refunds, "check the eighteen rules of money, I1 to I18")
    refunds.add_argument("--json", action="store_true", help="every finding, for programs")
    refunds.add_argument("--full", action="store_true", help="and the whole store, as verify does")
    describe_reconcile(add("reconcile", _reconcile, "hold the bills against our records"))
    describe_simulator(add("simulator", _simulator, "a payment provider to practise on; no money"))
    add("rebuild", _rebuild, "make the tables again from the records")
    erasing = add("erase", _erase, "destroy the content of a closed case; its records stay proven")
    erasing.add_argument("case_no", metavar="CASE_NO")
    _add_intake(add("orders", _add_orders, "orders of a platform"), "files", "FILE")
    _add_intake(add("livestreams", _add_livestreams, "sessions of a platform"), "folders", "FOLDER")
    commands.add_parser("ledger", help="the log itself: what python -m ledger does")
    commands.add_parser(
        "trustee", help="a keyholder of ballots: what python -m reviewers.trustee does"
    )
    _describe_token(add("token", _token, "a new API token, shown once"))
    operator = add("operator", _operator, "let an operator in; asks for a first password")
    operator.add_argument("email", help="to sign in with")
    operator.add_argument("name", help="how the account is shown")
    _describe_play(add("play", _play, "play a sample case from claim to refund"))
    return parser


def _add_intake(command: argparse.ArgumentParser, name: str, label: str) -> None:
    add = command.add_subparsers(required=True, metavar="add").add_parser("add")
    add.add_argument(name, nargs="+", type=Path, metavar=label)


def _describe_token(command: argparse.ArgumentParser) -> None:
    command.add_argument("role", choices=[str(role) for role in Role], metavar="ROLE")
    command.add_argument("reference", help="buyer_ref, shop_id, reviewer_id, platform or a name")
    command.add_argument("--platform", help="the platform of a buyer or a shop")
    command.add_argument("--name", default="", help="how the account is shown")


def _describe_play(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, metavar="DIR", help="a case folder")
    command.add_argument("--url", help="a running rehearsal; without it, one is started")
    command.add_argument("--out", type=Path, help="where bundle.zip and summary.json go")
    command.add_argument(
        "--token-file", type=Path, help="the operator's token; <home>/" + TOKEN_FILE
    )
    command.add_argument("--patience", type=float, default=90.0, metavar="SECONDS")
    command.add_argument("--fresh", action="store_true", help="as another order of another buyer")
