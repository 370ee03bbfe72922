"""How many ways there are to answer, and which of them make a difference."""

from __future__ import annotations

from bot.core.case import UNKNOWN, Answer
from bot.playbook.combinations import complete, count, distinct, outcomes, raw
from bot.playbook.model import AllOf, Always, AnyOf, Condition, Is, Not, Playbook, Question

COLOUR = Question("colour", options=("red", "green", "blue"))
METHODS = Question("methods", kind="many", options=("mail", "chat", "phone"))
ACCOUNT = Question("account", kind="account_id", targets=True)
REMARK = Question("remark", kind="text")


def asking(*questions: Question) -> Playbook:
    return Playbook("p", steps=(), questions=questions)


def values(playbook: Playbook, *conditions: Condition) -> list[tuple[str, ...]]:
    """The answers to the one question there is, as they come."""
    return [value.values for answers in distinct(playbook, conditions) for value in answers.values()]


def test_raw_counts_every_option_every_subset_and_i_do_not_know() -> None:
    assert raw(asking(COLOUR)) == 4
    assert raw(asking(METHODS)) == 9
    assert raw(asking(ACCOUNT)) == 2
    assert raw(asking(REMARK)) == 2
    assert raw(asking(COLOUR, METHODS, ACCOUNT, REMARK)) == 4 * 9 * 2 * 2


def test_a_question_that_no_condition_names_makes_no_difference() -> None:
    assert list(distinct(asking(COLOUR, METHODS), [Always()])) == [{}]
    assert count(asking(COLOUR, METHODS), [Always()]) == 1


def test_options_that_no_condition_can_tell_apart_are_one() -> None:
    assert values(asking(COLOUR), Is("colour", ("red",))) == [("red",), ("green",), (UNKNOWN,)]
    assert values(asking(COLOUR), Is("colour", ("green", "blue"))) == [("red",), ("green",), (UNKNOWN,)]
    assert len(values(asking(COLOUR), Is("colour", ("red",)), Is("colour", ("green",)))) == 4


def test_of_a_many_question_every_subset_of_what_is_named_is_looked_at() -> None:
    assert values(asking(METHODS), Is("methods", ("chat",)), Is("methods", ("mail",))) == [
        (),
        ("mail",),
        ("chat",),
        ("mail", "chat"),
        (UNKNOWN,),
    ]


def test_a_typed_answer_is_given_or_is_what_a_condition_names() -> None:
    account = Question("account", kind="account_id")
    assert values(asking(account), Is("account", ("1001",))) == [("given",), ("1001",), (UNKNOWN,)]


def test_conditions_are_looked_into() -> None:
    nested = AllOf((Not(Is("colour", ("red",))), AnyOf((Is("methods", ("chat",)),))))
    assert count(asking(COLOUR, METHODS), [nested]) == len(list(distinct(asking(COLOUR, METHODS), [nested]))) == 9


def test_a_question_that_decides_whether_another_is_asked_matters_too() -> None:
    methods = Question("methods", kind="many", options=("mail", "chat"), when=Is("colour", ("red",)))
    found = list(distinct(asking(COLOUR, methods), [Is("methods", ("mail",))]))
    assert [[answer.values for answer in answers.values()] for answers in found] == [
        [("red",), ()],
        [("red",), ("mail",)],
        [("red",), (UNKNOWN,)],
        [("green",)],
        [(UNKNOWN,), ()],
        [(UNKNOWN,), ("mail",)],
        [(UNKNOWN,), (UNKNOWN,)],
    ]
    assert count(asking(COLOUR, methods), [Is("methods", ("mail",))]) == 7


def test_of_the_answers_with_the_same_outcome_the_first_stands_for_all() -> None:
    conditions: list[Condition] = [Is("colour", ("red",)), Not(Is("methods", ("mail",)))]
    first = outcomes(asking(COLOUR, METHODS), conditions)
    assert [(answers["colour"].values[0], answers["methods"].values) for answers in first] == [
        ("red", ()),
        ("red", ("mail",)),
        ("green", ()),
        ("green", ("mail",)),
    ]


def test_what_does_not_matter_is_answered_with_the_first_option() -> None:
    assert complete(asking(COLOUR, METHODS, ACCOUNT), {"colour": Answer(("blue",))}) == {
        "colour": Answer(("blue",)),
        "methods": Answer(()),
        "account": Answer(("given",)),
    }
