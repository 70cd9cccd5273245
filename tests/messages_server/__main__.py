"""python -m tests.messages_server --port N [--delay-s 2] [--languages eng+deu]"""

import argparse
import asyncio

from tests.messages_server.handlers import Mind
from tests.messages_server.reading import Reader
from tests.messages_server.server import listen


async def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.messages_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0: any")
    parser.add_argument("--delay-s", type=float, default=0, help="how long answers take at least")
    parser.add_argument("--languages", default="eng", help="of Tesseract, joined by +")
    arguments = parser.parse_args()
    mind = Mind(Reader(arguments.languages), delay_s=arguments.delay_s)
    _, port = listen(mind, arguments.port)
    print(f"ANTHROPIC_BASE_URL=http://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
