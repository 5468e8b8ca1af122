"""A batch is the same each time, and falls into what is sound, what may trap, and single functions."""

from __future__ import annotations

from conformance.fuzz.types.batch import IMAGES, RAWS, VALUES, draw


def test_the_same_each_time() -> None:
    assert repr(draw(1, 7, 20)) == repr(draw(1, 7, 20)) != repr(draw(2, 7, 20))


def test_what_is_in_it() -> None:
    batches = [draw(3, number, 12) for number in range(8)]
    assert {len(each.encodings) for each in batches} == {1, 2}
    for batch in batches:
        assert len(batch.echoes) == 12 and all(len(each.values) == VALUES for each in batch.echoes)
        assert len(batch.returned) <= RAWS and len(batch.given) <= RAWS
        assert all(len(each.spoiled) == IMAGES for each in (*batch.returned, *batch.given))


def test_parts() -> None:
    batch = draw(3, 1, 12)
    sound, raw = batch.parts()
    assert sound.echoes == batch.echoes and not sound.returned and not sound.given
    assert raw.returned == batch.returned and raw.given == batch.given
    assert {each.name for each in raw.echoes} == {"t" + each.name[1:] for each in batch.given}
    assert not any(each.values for each in raw.echoes)


def test_one_function_alone() -> None:
    batch = draw(3, 1, 12)
    one = batch.only("t4", 1)
    assert [each.name for each in one.echoes] == ["t4"] and one.echoes[0].values == [batch.echoes[4].values[1]]
    given = batch.given[0]
    alone = batch.only(given.name, 0)
    assert alone.given == [given] and not alone.returned and alone.echo_of(given).type == given.type
