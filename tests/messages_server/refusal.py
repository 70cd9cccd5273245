"""Errors as the API answers them."""


class ApiError(Exception):
    def __init__(self, status: int, type: str, message: str) -> None:
        super().__init__(message)
        self.status, self.type, self.message = status, type, message


def invalid(message: str) -> ApiError:
    return ApiError(400, "invalid_request_error", message)
