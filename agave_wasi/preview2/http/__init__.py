"""wasi:http 0.2: messages as plain data, in a world without a network in which no request is answered."""
