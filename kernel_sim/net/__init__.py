"""The network. For now stream sockets as kernel objects: in memory, or a device's; packets come to stand behind them."""
