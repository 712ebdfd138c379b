"""The OpenAPI document, made from the routes, and a page to read it."""
