// A JavaScript of its own as a command: runs the script that its first argument names, with args, print and readText at hand.
import { getArguments } from 'wasi:cli/environment@0.2.12';
import { getDirectories } from 'wasi:filesystem/preopens@0.2.12';

function readText(path) {
  const [top] = getDirectories()[0];
  const file = top.openAt({ symlinkFollow: true }, path.replace(/^\//, ''), {}, { read: true });
  const [data] = file.read(file.stat().size, 0n);
  return new TextDecoder().decode(data);
}

export const run = {
  run() {
    const [, script, ...args] = getArguments();
    try {
      new Function('args', 'print', 'readText', readText(script))(args, console.log, readText);
    } catch (error) {
      console.error(String(error.payload ?? error));
      throw error;
    }
  },
};
