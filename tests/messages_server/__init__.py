"""A server that speaks the Messages API, for tests.

It reads the pictures it is sent with Tesseract, answers by the schema it is given, refuses what the real one
refuses, and misbehaves on order.
"""
