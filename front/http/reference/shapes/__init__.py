"""The JSON objects of the API, as pydantic models for their schemas alone: what is answered is made by the
views, and a test holds both together.
"""
