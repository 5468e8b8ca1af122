// node:wasi as a side: `node --no-warnings node.mjs FOLDER`; FOLDER is the guest's `/`, the protocol is in __init__.py.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { WASI } from 'node:wasi';

const folder = process.argv[2];
let exports = {};
let fd = 3;

function load(path) {
  const wasi = new WASI({
    version: 'preview1',
    args: ['bench', 'one', 'two'],
    env: { LANG: 'C', PATH: '/bin' },
    preopens: { '/': folder },
  });
  const module = new WebAssembly.Module(readFileSync(path));
  const instance = new WebAssembly.Instance(module, wasi.getImportObject());
  wasi.initialize(instance);
  exports = instance.exports;
  fd = exports.setup ? exports.setup(0, 0) : 3;
  return { exports: Object.keys(exports).sort() };
}

function call({ export: name, count }) {
  const start = process.hrtime.bigint();
  const answer = exports[name](count, fd);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  return { seconds, answer: answer >>> 0 };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = request.do === 'load' ? load(request.module) : call(request);
  } catch (error) {
    answer = { error: String(error).split('\n')[0].slice(0, 200) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
