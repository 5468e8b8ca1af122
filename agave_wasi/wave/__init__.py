"""WAVE: component values as text, as WIT has their types: `{name: "a", sizes: [1, 2]}`."""
