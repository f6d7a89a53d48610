"""Sizes for people."""


def readable_size(size_bytes: int) -> str:
    """Return e.g. "12 B", "3.4 GB", in powers of a thousand."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
