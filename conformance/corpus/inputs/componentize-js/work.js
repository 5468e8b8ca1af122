// Text, numbers, JSON, collections, regular expressions and a file, as scripts use them.

print('arguments:', args.join(', '));
const text = readText('/notes.txt');
print('lines:', text.trim().split('\n').length, 'words:', [...text.matchAll(/[a-zäöü]+/g)].length);
const counts = new Map();
for (const word of text.toLowerCase().match(/[a-zäöü]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
print('most:', JSON.stringify([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 4)));
print('json:', JSON.stringify(JSON.parse('{"a": [1, 2.5, null], "b": {"c": "ä\\u20ac"}}')));
print('big:', String(2n ** 200n % 1000007n), 'float:', 0.1 + 0.2, 'sum:', Array.from({ length: 1000 }, (_, i) => i * i).reduce((a, b) => a + b));
let state = 12345;
const shuffled = Array.from({ length: 2000 }, () => (state = (state * 1103515245 + 12345) & 0x7fffffff));
print('sorted:', shuffled.sort((a, b) => a - b).every((each, i, all) => !i || all[i - 1] <= each));
print('time:', Date.now() >= 0, 'random:', new Set(Array.from({ length: 20 }, Math.random)).size > 10);
try {
  readText('/nothing.txt');
} catch (error) {
  print('missing file:', error.payload ?? String(error));
}
