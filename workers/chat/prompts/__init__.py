"""What the model is told, in files of their own."""

from importlib.resources import files


def prompt(name: str) -> str:
    return files(__name__).joinpath(f"{name}.txt").read_text("utf-8").strip()
