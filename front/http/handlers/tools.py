"""``GET /api/v1/tools/``: the presets that a submission can name."""

from common.contracts.tasks import Tier
from common.domain.tools import TOOLS, Tool
from front.http.api_handler import ApiHandler


class ToolsHandler(ApiHandler):
    needs_account = False

    async def get(self) -> None:
        self.write_json({"tools": [_view(tool) for tool in TOOLS.values()]})


def _view(tool: Tool) -> dict[str, str | bool]:
    return {"slug": tool.slug, "tier": tool.tier.value, "available": _is_available(tool)}


def _is_available(tool: Tool) -> bool:
    """What needs a model is not, as long as none can be configured."""
    return tool.tier is Tier.CPU and not tool.needs_model


URLS = [(r"/api/v1/tools/?", ToolsHandler)]
