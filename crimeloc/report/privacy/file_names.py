"""Files by number: a name may hold whatever somebody wrote, and the hash says which file it is."""

from __future__ import annotations

from dataclasses import replace

from crimeloc.messages import Message
from crimeloc.provenance import Input
from crimeloc.report.content import Content

__all__ = ["without_file_names"]


def without_file_names(content: Content) -> Content:
    """Call the files that were read by number, wherever a content names them."""
    files = {item.name for item in content.inputs}
    files |= {item.name for record in content.records for item in record.inputs}
    files |= {name for name in content.rejected or {} if "." in name}
    first = [item.name for item in content.inputs]
    ordered = [*dict.fromkeys(first), *sorted(files - set(first))]
    lang = content.settings.lang
    names = {
        name: Message("input {number}", number=number).text(lang)
        for number, name in enumerate(ordered, start=1)
    }

    def called(text: str) -> str:
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, names[name])
        return text

    def renamed(item: Input) -> Input:
        return replace(item, name=names[item.name])

    return replace(
        content,
        inputs=tuple(renamed(item) for item in content.inputs),
        records=tuple(
            replace(
                record,
                inputs=tuple(renamed(item) for item in record.inputs),
                parameters={key: called(text) for key, text in record.parameters.items()},
            )
            for record in content.records
        ),
        rejected=None
        if content.rejected is None
        else {names.get(name, name): table for name, table in content.rejected.items()},
        notes=tuple(called(note) for note in content.notes),
    )
