"""What the API offers, as data: one file of operations for each file of handlers, and the OpenAPI document
that is made of them.
"""
