// Runs one guest on jco: made a component by its adapter, translated to JavaScript, and run on preview2-shim (see job.py).

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , folder, jobFile] = process.argv;
const job = JSON.parse(readFileSync(jobFile, 'utf8'));
const below = createRequire(join(folder, 'package.json'));
const load = (path) => import(pathToFileURL(path).href);

async function run() {
  const jco = await load(join(folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).exports['.'].default));
  const { WASIShim } = await load(below.resolve('@bytecodealliance/preview2-shim/instantiation'));
  let files;
  try {
    const guest = readFileSync(job.program);
    const adapters = () => [['wasi_snapshot_preview1', readFileSync(jco.preview1AdapterCommandPath())]];
    const component = guest[6] === 1 ? guest : await jco.componentNew(guest, adapters()); // whose header says which it is
    ({ files } = await jco.transpile(component, { name: 'guest', instantiation: { tag: 'async' }, noTypescript: true }));
  } catch (error) {
    return { ended_by: 'refused', message: String(error) };
  }
  const out = join(dirname(jobFile), 'guest');
  mkdirSync(out);
  writeFileSync(join(out, 'package.json'), '{"type": "module"}');
  for (const [name, data] of Object.entries(files)) {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), data);
  }
  const preopens = Object.fromEntries(job.folders.map((each) => [each.guest, each.host]));
  const shim = new WASIShim({ sandbox: { preopens, env: job.env, args: job.argv, enableNetwork: false } });
  const { instantiate } = await load(join(out, 'guest.js'));
  try {
    const compiled = (path) => WebAssembly.compile(readFileSync(join(out, path)));
    const instance = await instantiate(compiled, shim.getImportObject());
    await (instance.run ?? Object.entries(instance).find(([name]) => name.startsWith('wasi:cli/run'))[1]).run();
    return { ended_by: 'exit', exit_code: 0 };
  } catch (error) {
    if (error.payload !== undefined || error.constructor.name === 'ComponentError') return { ended_by: 'exit', exit_code: 1 };
    return { ended_by: error instanceof WebAssembly.RuntimeError ? 'trap' : 'crash', message: String(error) };
  }
}

let told;
process.on('exit', (code) => writeFileSync(job.report, JSON.stringify(told ?? { ended_by: 'exit', exit_code: code }))); // so guests end
try {
  told = await run();
} catch (error) {
  told = { ended_by: 'crash', message: String(error) };
}
process.exit(0); // its workers would keep it alive
