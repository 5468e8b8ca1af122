// The fuzzer's guest on Node's own WASI, called by its parent: a line of JSON in for each call, one out.
//
//   {"call": name, "fill": byte, "pieces": [[place, base64], ...], "slots": [text of a number, ...]}
//   {"errno": n} | {"trap": text} | {"exit": code}, with "changed": [[place, base64], ...], what the call left in memory

import { readFileSync, readSync, writeSync } from 'node:fs';
import { WASI } from 'node:wasi';

const { program, argv, env, root, stdio, letters } = JSON.parse(process.argv[2]);
const wasi = new WASI({
  version: 'preview1', args: argv, env, preopens: { '/': root }, returnOnExit: true,
  stdin: stdio[0], stdout: stdio[1], stderr: stdio[2],
});
const module = new WebAssembly.Module(readFileSync(program));
const instance = new WebAssembly.Instance(module, wasi.getImportObject());
// start() is for programs that begin at once; the memory and the exit are what it gives to its WASI
wasi.initialize({ exports: { memory: instance.exports.memory } });
const memory = new Uint8Array(instance.exports.memory.buffer);
const before = new Uint8Array(memory.length);
function changes() {
  const found = [];
  let at = 0;
  while (at < memory.length) {
    if (memory[at] === before[at]) { at += 1; continue; }
    let end = at;
    let same = 0;
    while (end < memory.length && same < 16) { same = memory[end] === before[end] ? same + 1 : 0; end += 1; }
    end -= same;
    found.push([at, Buffer.from(memory.slice(at, end)).toString('base64')]);
    at = end + same;
  }
  return found;
}

function call(asked) {
  memory.fill(asked.fill);
  for (const [at, piece] of asked.pieces) memory.set(Buffer.from(piece, 'base64'), at);
  before.set(memory);
  const slots = asked.slots.map((each, place) => (letters[asked.call][place] === 'I' ? BigInt.asIntN(64, BigInt(each)) : Number(each) | 0));
  try {
    return { errno: instance.exports[asked.call](...slots) ?? 0 };
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return { trap: error.message };
    if (typeof error === 'symbol') return { exit: wasi[error] };
    return { trap: `${error}` };
  }
}

let rest = '';
const chunk = Buffer.alloc(1 << 20);
for (;;) {
  const count = readSync(0, chunk);
  if (!count) break;
  rest += chunk.toString('latin1', 0, count);
  let end;
  while ((end = rest.indexOf('\n')) >= 0) {
    const asked = JSON.parse(rest.slice(0, end));
    rest = rest.slice(end + 1);
    const answer = call(asked);
    answer.changed = changes();
    writeSync(1, `${JSON.stringify(answer)}\n`);
  }
}
