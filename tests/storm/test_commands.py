"""A state machine of commands: whatever is done to runs in whatever order, a run that ends with
status 0 is equal bit for bit to the undisturbed one, and anything else is refused in one line with
status 2 and changes nothing.
"""

import os
import random
import shutil
import signal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.storm.client import Sandbox
from tests.storm.runs import SMALL, said, undisturbed
from tests.storm.verdict import compared, contents, spoken

STEPS = 4
GAMES = {  # a few kinds of run, each with its own way through the code
    "plain": ("ring",),
    "seed": ("ring", "--seed", "3", "--objective", "hinge", "--lr-d", "2e-3"),
    "penalty": ("gaussian", "--penalty", "r1", "--optimizer", "rmsprop", "--k", "2"),
}
STOPS = {"SIGINT": (130,), "SIGTERM": (130, 143), "SIGHUP": (130, 129), "kill": (-9,)}
WAYS = ("flip", "cut", "empty", "delete", "text", "folder", "fifo", "swap")
names, games = st.sampled_from(["a", "b"]), st.sampled_from(sorted(GAMES))
stops = st.sampled_from(sorted(STOPS)), st.integers(0, STEPS - 1)


class Commands(RuleBasedStateMachine):
    """Runs a and b in a sandbox; of each, what it was trained on, and whether anyone has damaged
    it.
    """

    zygote = figures = None

    def __init__(self):
        super().__init__()
        self.sandbox_of = Sandbox(self.zygote.folder)
        self.sandbox = self.sandbox_of.__enter__()
        self.game: dict[str, str | None] = {"a": None, "b": None}  # None: the folder is not there
        self.damaged: set[str] = set()
        self.log: list[str] = []

    def teardown(self):
        self.sandbox_of.__exit__()

    def command(self, *arguments, statuses, fault=None):
        """Run one, and note how it ended; a refusal has changed nothing."""
        before = contents(self.sandbox)
        outcome = self.zygote.run(self.sandbox, *arguments, fault=fault, timeout=20)
        self.ended(outcome, statuses, before)
        return outcome

    def ended(self, outcome, statuses, before):
        """Note what is wrong with how a command ended."""
        self.log.append(str(outcome))
        self.figures.runs += 1
        self.note(spoken(outcome, statuses))
        if outcome.status == 2 and (changed := compared(contents(self.sandbox), before)):
            self.note([("damaged", f"a refusal changed something: {changed[0][1]}")])

    def note(self, faults):
        """A fault of the commands so far; the example ends, or all that follows would be its
        echo.
        """
        if faults:
            self.figures.note(faults, "; ".join(self.log))
        assert not faults, (faults, self.log)

    def equal(self, name):
        """The run is as the undisturbed one."""
        game = self.game[name]
        found = {
            path.removeprefix(f"{name}/"): content
            for path, content in contents(self.sandbox).items()
            if path.startswith(f"{name}/")
        }
        found.pop("report.html", None)
        wanted = undisturbed(self.zygote, self.train("run", game))[0]
        self.note(
            compared(
                found,
                {
                    path.removeprefix("run/"): content
                    for path, content in wanted.items()
                    if path.startswith("run/")
                },
            )
        )

    @staticmethod
    def train(name, game):
        """The command of a run."""
        return "train", *GAMES[game], "--steps", str(STEPS), *SMALL, "--out", name

    def free(self, name):
        """True where a run can begin here."""
        return self.game[name] is None

    def one(self, name, wanted):
        """This run if it is as wanted, or the other, or None: so that few commands are idle."""
        return next((n for n in (name, "b" if name == "a" else "a") if wanted(n)), None)

    def there(self, name):
        """True where a run has begun."""
        return not self.free(name)

    @rule(name=names, game=games)
    def begin(self, name, game):
        """Train to the end; where there is a run already it is refused, but for one that someone
        has damaged.
        """
        free, hurt = self.free(name), name in self.damaged
        outcome = self.command(
            *self.train(name, game), statuses=(0,) if free else (0, 2) if hurt else (2,)
        )
        if outcome.status == 0:
            self.game[name] = game
            self.damaged.discard(name)
            self.equal(name)

    @rule(name=names, game=games, at=st.integers(0, 130))
    def begin_and_kill(self, name, game, at):
        """Train, and be killed at a point: the run can be resumed, or its place is free, and it
        ends as if nothing had been.
        """
        name = self.one(name, self.free)
        if name is None:
            return
        self.game[name] = game
        self.damaged.add(name)  # not by a hand, but it may be refused
        fault = {"kind": "kill", "at": at}
        self.command(*self.train(name, game), statuses=(0, -9), fault=fault)
        resumed = self.command("train", "--out", name, "--resume", "--quiet", statuses=(0, 2))
        if resumed.status == 2:
            again = self.command(*self.train(name, game), statuses=(0, 2))
            if again.status == 2:
                self.note([("stuck", f"neither resumed nor begun anew: {said(again)}")])
        self.damaged.discard(name)
        self.equal(name)

    @rule(name=names, game=games, how=stops[0], when=stops[1])
    def begin_and_stop(self, name, game, how, when):
        """Train, and be interrupted or killed in an iteration."""
        name = self.one(name, self.free)
        if name is None:
            return
        self.game[name] = game
        finished = (0,) if how != "kill" and when == STEPS - 1 else ()  # a step is always finished
        self.command(
            *self.train(name, game),
            statuses=finished or STOPS[how],
            fault={"kind": how, "iteration": when},
        )

    @rule(name=names)
    def resume(self, name):
        """Go on to the end: only a damaged run, or none, may be refused."""
        name = self.one(name, self.there) or name
        hurt = (0, 2) if name in self.damaged else (2,) if self.free(name) else (0,)
        outcome = self.command("train", "--out", name, "--resume", "--quiet", statuses=hurt)
        if outcome.status == 0:
            self.damaged.discard(name)
            self.equal(name)

    @rule(name=names, how=stops[0], when=stops[1])
    def resume_and_stop(self, name, how, when):
        """Go on, and be interrupted, if the run gets that far."""
        if self.there(name) and name not in self.damaged:
            again = "train", "--out", name, "--resume", "--quiet"
            fault = {"kind": how, "iteration": when}
            self.command(*again, statuses=(0, *STOPS[how]), fault=fault)

    @rule(name=names, suffix=st.sampled_from(["npy", "npz", "png"]))
    def sample(self, name, suffix):
        """Draw samples, the same twice; the run is left as it is."""
        self.look(
            name, "sample", name, "-n", "3", "-o", f"{name}.{suffix}", output=f"{name}.{suffix}"
        )

    @rule(name=names)
    def report(self, name):
        """Draw the page, the same twice; the run is left as it is."""
        name = self.one(name, self.there) or name
        self.look(name, "report", name, "-o", f"{name}.html", output=f"{name}.html")

    def look(self, name, *command, output):
        """A command that looks at a run and changes nothing but its output."""
        before = contents(self.sandbox)
        hurt = (0, 2) if name in self.damaged else (2,) if self.free(name) else (0,)
        if self.command(*command, statuses=hurt).status == 0:
            once = contents(self.sandbox)
            self.note(compared(once, before | {output: once.get(output, b"no output")}))
            self.command(*command, statuses=(0,))
            self.note(compared(contents(self.sandbox), once))

    @rule(
        name=names,
        file=st.sampled_from(["config.json", "checkpoint.npz", "metrics.csv", "samples.png"]),
        way=st.sampled_from(WAYS),
        seed=st.integers(0, 99),
    )
    def damage(self, name, file, way, seed):
        """Something happens to a file of a run."""
        name = self.one(name, self.there) or name
        path = self.sandbox / name / file
        if path.is_file():
            self.damaged.add(name)
            self.log.append(f"({way} {name}/{file}, {seed})")
            hurt(
                path, way, random.Random(seed), self.sandbox / ("b" if name == "a" else "a") / file
            )

    @rule(name=names)
    def remove(self, name):
        """Someone deletes the folder."""
        shutil.rmtree(self.sandbox / name, ignore_errors=True)
        self.log.append(f"(rm -r {name})")
        self.game[name] = None
        self.damaged.discard(name)

    @rule(name=names, both=st.tuples(games, games), at=st.integers(0, 60))
    def two_at_once(self, name, both, at):
        """A second training begins in the folder while the first stands still at a point: one of
        them has it.
        """
        name = self.one(name, self.free)
        if name is None:
            return
        first, second = (self.train(name, game) for game in both)
        child = self.zygote.start(self.sandbox, *first, fault={"kind": "stop", "at": at})
        stopped = self.zygote.wait(child)
        outcomes = [stopped, self.zygote.run(self.sandbox, *second, timeout=30)]
        if stopped is None:
            child.signal(signal.SIGCONT)
            outcomes[0] = self.zygote.wait(child)
        self.figures.runs += 2
        self.log += ["two at once:", *map(str, outcomes)]
        for outcome in outcomes:
            self.note(spoken(outcome, (0, 2)))
        winners = [
            game for game, outcome in zip(both, outcomes, strict=True) if outcome.status == 0
        ]
        if len(winners) != 1:
            what = f"{len(winners)} of two trainings in one folder ended with status 0"
            self.note([("different", what)])
        self.game[name] = winners[0]
        self.equal(name)


def hurt(path, way, random, other):
    """Damage a file."""
    content = path.read_bytes()
    path.unlink()
    if way == "folder":
        path.mkdir()
    elif way == "fifo":
        os.mkfifo(path)
    elif way == "swap" and other.is_file():
        path.write_bytes(other.read_bytes())
    elif way == "flip" and content:
        at = random.randrange(len(content))
        path.write_bytes(
            content[:at] + bytes([content[at] ^ 1 << random.randrange(8)]) + content[at + 1 :]
        )
    elif way == "cut":
        path.write_bytes(content[: random.randrange(len(content) + 1)])
    elif way == "text":
        path.write_text(
            random.choice(
                ["{}", "[]", "null", "5", "ä", '{"dataset": "ring"}', "\x00" * 50, "[" * 9999]
            )
        )
    elif way != "delete":
        path.write_bytes(b"")


def test_commands_in_any_order(zygote, seen, long):
    """Hypothesis looks for an order that breaks the promise, and shrinks it."""
    Commands.zygote, Commands.figures = zygote, seen
    checks = settings(
        max_examples=400 if long else 8,
        stateful_step_count=20 if long else 8,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(Commands, settings=checks)
    seen.points = STEPS * len(STOPS)
