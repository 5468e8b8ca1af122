// Makes a component of a script in JavaScript: componentize.mjs COMPONENTIZE-JS SCRIPT WIT WORLD OUT

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , folder, sourcePath, wit, worldName, out] = process.argv;
const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const { componentize } = await import(pathToFileURL(join(folder, exports.import)).href);
// The text itself: a folder isn't found by every release.
const made = await componentize({ sourcePath, witWorld: readFileSync(wit, 'utf8'), worldName });
writeFileSync(out, made.component);
process.exit(0); // its workers would keep it alive
