from server.http.openapi.door import ApiDocument

__all__ = ["ApiDocument"]
