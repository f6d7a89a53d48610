"""Which strings are keys: the check that keeps every key inside its store."""


def checked_key(key: str) -> str:
    """Return the key, or raise `ValueError` where it could name something else than an object of the store.

    Parts that begin with a dot are no part of any key: stores keep what is being written under such names.
    """
    if not is_key(key):
        raise ValueError(f"{key!r} is not a key: parts are not empty, begin with no dot, hold no backslash")
    return key


def checked_prefix(prefix: str) -> str:
    """Return the prefix, or raise `ValueError`; its last part may be empty or the beginning of a name."""
    *parents, last = prefix.split("/")
    if not all(map(is_part, parents)) or not (last == "" or is_part(last)):
        raise ValueError(f"{prefix!r} is not the beginning of any key")
    return prefix


def checked_parent(prefix: str) -> str:
    """Return a prefix that is empty or ends in "/", or raise `ValueError`."""
    if prefix and not prefix.endswith("/"):
        raise ValueError(f"the prefix {prefix!r} must end in '/'")
    return checked_prefix(prefix)


def is_part(part: str) -> bool:
    """Whether a name can be one part of a key: what else lies in a store is no object of it."""
    return part != "" and not part.startswith(".") and not any(map(_is_odd, part))


def is_key(key: str) -> bool:
    """Whether a string is a key."""
    return all(map(is_part, key.split("/")))


def _is_odd(character: str) -> bool:
    """Control characters, and what Python makes of file names that are no UTF-8."""
    code = ord(character)
    return character == "\\" or code < 32 or code == 127 or 0xD800 <= code <= 0xDFFF
