"""A component guest's instances, tasks and handles as plain data, so that another guest of the same component goes on.

Both guests have linked the same, so what linking makes is meant by its place in `Calls`: instances, crossings, resources that
the guest defines. What follows from the rest isn't kept: how many handles a task has borrowed, how often a handle is lent, how
many handles there may still be. So data from anywhere can be wrong, but not at odds with itself.

    instances   [may leave, may enter, innermost task at a root, handles, numbers that are free]
    handles     None, or [resource, representation, own, the task that must give it back]
    tasks       [crossing, instance, caller, handles that are lent to it as (instance, number)]

None stands for no task, and for the crossing of the call that was made from outside.
"""

from __future__ import annotations

from agave_wasi.component.bind import host_resource
from agave_wasi.component.handles import MAX_TOTAL, Handle
from agave_wasi.component.host import resources_of
from agave_wasi.component.state import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from agave_wasi.component.calls import Calls
    from agave_wasi.component.state import InstanceState
    from agave_wasi.component.types import FuncType, ResourceType

_WORD = 1 << 32


def capture(calls: Calls, write: Callable[[Any], object]) -> dict[str, Any]:
    """The state of all instances; `write` makes plain data of an object of the host's, or raises ValueError that names it."""
    instances = calls.instances
    tasks: list[Task] = []
    for each in instances:
        task = each.task
        while task is not None:
            tasks.append(task)
            task = task.caller
    places = {id(task): number for number, task in enumerate(tasks)}
    resources = {id(resource): number for number, resource in enumerate(calls.resources)}
    numbers = {id(instance): number for number, instance in enumerate(instances)}
    crossed = {id(each.task): number for number, each in enumerate(calls.crossings) if each.task is not None}
    handles = {
        id(handle): [number, at]
        for number, each in enumerate(instances)
        for at, handle in enumerate(each.handles.entries)
        if handle is not None
    }

    def place(task: Task | None) -> int | None:
        return None if task is None else places[id(task)]

    def entry(handle: Handle) -> list[object]:
        name = _name(resources, handle.resource)
        found = handle.representation if isinstance(name, int) else write(handle.representation)
        return [name, found, handle.own, place(handle.scope)]

    def row(task: Task) -> list[object]:
        lent = [handles[id(each)] for each in task.lent or ()]
        return [crossed.get(id(task)), numbers[id(task.state)], place(task.caller), lent]

    return {
        "tasks": [row(task) for task in tasks],
        "instances": [
            [
                each.may_leave, each.may_enter, place(each.task),
                [None if handle is None else entry(handle) for handle in each.handles.entries[1:]], each.handles.free,
            ]
            for each in instances
        ],
    }  # fmt: skip


def _name(resources: Mapping[int, int], resource: ResourceType) -> object:
    """A resource as data: its place among the guest's, or the interface and the name of one of the host's."""
    if resource.implementer is not None:
        return resources[id(resource)]
    interface, name = getattr(resource.host, "interface", None), getattr(resource.host, "resource", None)
    if interface is None or name is None:
        raise ValueError(f"the guest has a handle of {resource}, a resource of the embedder's")
    return [interface, name]


def restore(
    calls: Calls, state: object, type: FuncType | None, read: Callable[[object], Any], classes: Mapping[str, type]
) -> Task | None:
    """Give instances that have just been linked that state: the task of the call from outside, of a function of that `type`;
    None where there is no such call.

    `read` makes an object of the host's of what `write` gave; `classes` are those of the interfaces, by name. ValueError names
    what can't be.
    """
    if not isinstance(state, dict):
        raise ValueError("there is no state of instances")
    outer = None
    tasks: list[Task] = []
    lent = []
    for row in _rows("tasks", state, 4):
        crossing, owner, caller, handles = row
        holder = None if crossing is None else _at("crossings", calls.crossings, crossing)
        kind = type if holder is None else holder.type
        if kind is None:
            raise ValueError("tasks: there is a call from outside, and the program is only beginning")
        made = Task(kind, _at("instances", calls.instances, owner), None)
        tasks.append(made)
        lent.append((made, caller, handles))
        if holder is None:
            if outer is not None:
                raise ValueError("tasks: there are two calls from outside")
            outer = made
        elif holder.task is not None:
            raise ValueError(f"tasks: two of them are calls of number {crossing}")
        else:
            holder.task = made
    rows = _rows("instances", state, 5)
    if len(rows) != len(calls.instances):
        raise ValueError(f"instances: there should be {len(calls.instances)}, not {len(rows)}")
    for each, row in zip(calls.instances, rows):
        _fill(calls, each, row, tasks, read, classes)
    for task, caller, handles in lent:
        task.caller = _task(tasks, caller)
        for pair in _list("handles that are lent", handles):
            owner, number = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
            handle = _at("handles", _at("instances", calls.instances, owner).handles.entries, number)
            if handle is None:
                raise ValueError(f"handles: number {number} is lent, and isn't there")
            handle.lends += 1
            if task.lent is None:
                task.lent = []
            task.lent.append(handle)
    _require_chains(calls.instances, tasks)
    return outer


def _fill(
    calls: Calls, instance: InstanceState, row: list[Any], tasks: list[Task], read: Callable[[object], Any],
    classes: Mapping[str, type],
) -> None:  # fmt: skip
    may_leave, may_enter, task, entries, free = row
    if type(may_leave) is not bool or type(may_enter) is not bool:
        raise ValueError(f"instances: {instance.name} may be left and entered, or not")
    instance.may_leave, instance.may_enter = may_leave, may_enter
    instance.task = _task(tasks, task)
    table = instance.handles
    entries = _list("handles", entries)
    if len(entries) > min(table.limit, MAX_TOTAL):
        raise ValueError(f"handles: {instance.name} has {len(entries)}, which are too many")
    for entry in entries:
        handle = None
        if entry is not None:
            if not isinstance(entry, list) or len(entry) != 4 or type(entry[2]) is not bool:
                raise ValueError(f"handles: {str(entry)[:60]} is none")
            resource = _resource(calls, entry[0], classes)
            if resource.implementer is None:
                found = read(entry[1])
                if resource.host is not None and not isinstance(found, resource.host):
                    raise ValueError(f"handles: a {resource} is something else")
            else:
                found = entry[1]
                if type(found) is not int or not 0 <= found < _WORD:
                    raise ValueError(f"handles: {str(found)[:60]} represents no {resource}")
            handle = Handle(resource, found, entry[2], _task(tasks, entry[3]))
            if handle.scope is not None:
                handle.scope.borrows += 1
        table.entries.append(handle)
    table.room[0] -= len(entries)
    holes = [number for number in range(1, len(table.entries)) if table.entries[number] is None]
    free = _list("free", free)
    if not all(type(each) is int for each in free) or sorted(free) != holes or table.room[0] < 0:
        raise ValueError(f"handles: the numbers that are free in {instance.name} don't fit to those that aren't")
    table.free = free


def _resource(calls: Calls, name: object, classes: Mapping[str, type]) -> ResourceType:
    if isinstance(name, list):
        interface, label = name if len(name) == 2 and all(isinstance(each, str) for each in name) else ("", "")
        kind = resources_of(classes[interface]).get(label) if interface in classes else None
        if kind is None:
            raise ValueError(f"handles: nobody provides the resource {str(name)[:80]}")
        return host_resource(kind, label)
    found: ResourceType = _at("resources", calls.resources, name)
    return found


def _require_chains(instances: list[InstanceState], tasks: list[Task]) -> None:
    """The tasks of each tree are one chain, from the innermost, which its root has."""
    left = len(tasks)
    for each in instances:
        task = each.task
        while task is not None:
            left -= 1
            if left < 0 or task.state.root is not each:
                raise ValueError("tasks: they aren't calls within calls")
            task = task.caller
    if left:
        raise ValueError("tasks: some of them nobody waits for")


def _task(tasks: list[Task], place: object) -> Task | None:
    found: Task | None = None if place is None else _at("tasks", tasks, place)
    return found


def _at(what: str, items: Any, place: object) -> Any:
    if type(place) is not int or not 0 <= place < len(items):
        raise ValueError(f"{what}: there is no number {str(place)[:60]}")
    return items[place]


def _list(what: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{what}: {str(value)[:60]} is no list")
    return value


def _rows(name: str, state: dict[str, Any], length: int) -> list[list[Any]]:
    found = _list(name, state.get(name))
    if not all(isinstance(row, list) and len(row) == length for row in found):
        raise ValueError(f"{name}: each has {length} parts")
    return found
