"""Print the table of wrong answers."""

from collections import Counter

from numgan.course.exercises import EXERCISES, title
from numgan.course.show import message
from numgan.course.texts import words
from tests.course.wrong import read

OUTCOMES = ("named", "not named", "misleading", "right")


def main() -> None:
    """A line for each exercise, the total, and what is not named."""
    counts: dict[str, Counter] = {name: Counter() for name in EXERCISES}
    rest = []
    for wrong in read():
        verdict = wrong.verdict()
        outcome = wrong.outcome(verdict)
        counts[wrong.exercise][outcome] += 1
        if outcome != "named":
            said = message(verdict, words("en")).says
            rest.append(f"{outcome}: {wrong.exercise}: expected “{wrong.says}”: {said}")
    print(f"{'exercise':28}" + "".join(f"{outcome:>12}" for outcome in OUTCOMES))
    for name, exercise in EXERCISES.items():
        print(f"{title(exercise):28}" + "".join(f"{counts[name][o]:12}" for o in OUTCOMES))
    total = sum(counts.values(), Counter())
    print(f"{'all':28}" + "".join(f"{total[o]:12}" for o in OUTCOMES))
    print(f"{'share':28}" + "".join(f"{total[o] / total.total():12.1%}" for o in OUTCOMES))
    print("\n".join(["", *rest]))


if __name__ == "__main__":
    main()
