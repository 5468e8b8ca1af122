// Runs one guest on browser_wasi_shim, whose files are in memory: they are copied in before, and out afterwards (see job.py).

import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , folder, jobFile] = process.argv;
const job = JSON.parse(readFileSync(jobFile, 'utf8'));
const entry = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const { ConsoleStdout, Directory, File, OpenFile, PreopenDirectory, WASI } = await import(
  pathToFileURL(join(folder, entry.module ?? entry.main ?? 'dist/index.js')).href
);

function copiedIn(host) {
  const found = new Map();
  for (const name of readdirSync(host)) {
    const path = join(host, name);
    const kind = lstatSync(path);
    if (kind.isDirectory()) found.set(name, new Directory(copiedIn(path)));
    else if (kind.isFile()) found.set(name, new File(readFileSync(path)));
  }
  return found;
}

function copyOut(contents, host) {
  for (const name of readdirSync(host)) rmSync(join(host, name), { recursive: true });
  for (const [name, inode] of contents) {
    const path = join(host, name);
    if (inode instanceof Directory) {
      mkdirSync(path);
      copyOut(inode.contents, path);
    } else writeFileSync(path, inode.data);
  }
}

function output(fd) {
  return new ConsoleStdout((data) => {
    for (let done = 0; done < data.length; ) done += writeSync(fd, data, done);
  });
}

async function run() {
  let module;
  try {
    module = await WebAssembly.compile(readFileSync(job.program));
  } catch (error) {
    return { ended_by: 'refused', message: String(error) };
  }
  const folders = job.folders.map((each) => new PreopenDirectory(each.guest, copiedIn(each.host)));
  const streams = [new OpenFile(new File(readFileSync(0))), output(1), output(2)];
  const env = Object.entries(job.env).map(([name, value]) => `${name}=${value}`);
  const wasi = new WASI(job.argv, env, [...streams, ...folders], { debug: false });
  let instance;
  try {
    instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
  } catch (error) {
    return { ended_by: error instanceof WebAssembly.RuntimeError ? 'trap' : 'refused', message: String(error) };
  }
  let ended;
  try {
    ended = { ended_by: 'exit', exit_code: wasi.start(instance) ?? 0 };
  } catch (error) {
    ended = { ended_by: error instanceof WebAssembly.RuntimeError ? 'trap' : 'crash', message: String(error) };
  }
  job.folders.forEach((each, number) => copyOut(folders[number].dir.contents, each.host));
  return ended;
}

writeFileSync(job.report, JSON.stringify(await run()));
