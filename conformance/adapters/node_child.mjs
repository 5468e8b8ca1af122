// Runs one guest on Node's own WASI: a job file in, a report out (see job.py).

import { readFileSync, writeFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const job = JSON.parse(readFileSync(process.argv[2], 'utf8'));

async function run() {
  let module;
  try {
    module = await WebAssembly.compile(readFileSync(job.program));
  } catch (error) {
    return { ended_by: 'refused', message: String(error) };
  }
  const old = WebAssembly.Module.imports(module).some((each) => each.module === 'wasi_unstable');
  const wasi = new WASI({
    version: old ? 'unstable' : 'preview1',
    args: job.argv,
    env: job.env,
    preopens: Object.fromEntries(job.folders.map((each) => [each.guest, each.host])),
    returnOnExit: true,
  });
  let instance;
  try {
    instance = await WebAssembly.instantiate(module, wasi.getImportObject());
  } catch (error) {
    return { ended_by: error instanceof WebAssembly.RuntimeError ? 'trap' : 'refused', message: String(error) };
  }
  try {
    return { ended_by: 'exit', exit_code: wasi.start(instance) ?? 0 };
  } catch (error) {
    return { ended_by: error instanceof WebAssembly.RuntimeError ? 'trap' : 'crash', message: String(error) };
  }
}

writeFileSync(job.report, JSON.stringify(await run()));
