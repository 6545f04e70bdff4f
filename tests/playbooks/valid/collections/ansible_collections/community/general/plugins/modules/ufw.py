#!/usr/bin/python3
DOCUMENTATION = "module: ufw"
print("{}")
