#!/usr/bin/python3
DOCUMENTATION = "module: of_a_collection"
print("{}")
