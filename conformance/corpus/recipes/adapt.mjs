// Makes a component of a Preview 1 command, by jco's adapter: adapt.mjs JCO CORE OUT

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , folder, core, out] = process.argv;
const entry = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).exports['.'].default;
const jco = await import(pathToFileURL(join(folder, entry)).href);
const adapter = readFileSync(jco.preview1AdapterCommandPath());
writeFileSync(out, await jco.componentNew(readFileSync(core), [['wasi_snapshot_preview1', adapter]]));
process.exit(0); // its workers would keep it alive
