"""``GET /api/v1/tools/``: the presets that a submission can name."""

from common.domain.tools import TOOLS, Tool
from front.http.api_handler import ApiHandler


class ToolsHandler(ApiHandler):
    needs_account = False

    async def get(self) -> None:
        has_model = self.surroundings.settings.model_configured
        self.write_json({"tools": [_view(tool, has_model) for tool in TOOLS.values()]})


def _view(tool: Tool, has_model: bool) -> dict[str, str | bool]:
    return {
        "slug": tool.slug,
        "tier": tool.tier.value,
        "available": has_model or not tool.needs_model,
        "description": tool.description,
        "download": tool.download,
    }


URLS = [(r"/api/v1/tools/?", ToolsHandler)]
