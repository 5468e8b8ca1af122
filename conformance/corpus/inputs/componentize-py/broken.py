"""An error that nobody catches."""

print("before")
[].pop()
