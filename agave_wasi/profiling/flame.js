'use strict';
// Draws the tree of calls as nested bars, each as wide as its instructions; a click on one makes it the whole width.
const data = JSON.parse(document.getElementById('data').textContent);
const PLACE = 0, PARENT = 1, CALLS = 2, OWN = 3, TOTAL = 4, HEIGHT = 20, MOST_ROWS = 200;
const nodes = [[-1, -1, 1, 0, data.total], ...data.nodes];
const below = nodes.map(() => []);
nodes.forEach((node, number) => number && below[node[PARENT]].push(number));
below.forEach((each) => each.sort((a, b) => nodes[b][TOTAL] - nodes[a][TOTAL] || a - b));
const element = (id) => document.getElementById(id);
const shown = (number) => number.toLocaleString('en');
const part = (number) => (data.total ? `${((100 * number) / data.total).toFixed(2)} %` : '0 %');
const name = (node) => (node[PLACE] < 0 ? 'everything' : data.places[node[PLACE]][0]);
let focus = 0, wanted = '', column = 3;

function colour(node) {
  if (node[PLACE] < 0) return 'hsl(220 15% 72%)';
  const [text, kind] = data.places[node[PLACE]];
  let hash = 0;
  for (const char of text) hash = (hash * 31 + char.codePointAt(0)) >>> 0;
  const base = kind === 'function' ? 15 + (hash % 45) : kind === 'host' ? 195 + (hash % 30) : 125 + (hash % 30);
  return `hsl(${base} ${60 + (hash % 20)}% ${62 + ((hash >> 8) % 12)}%)`;
}

function path(number) {
  const names = [];
  for (; number > 0; number = nodes[number][PARENT]) names.unshift(name(nodes[number]));
  return names.join(' → ') || 'everything';
}

function bar(number, left, width, depth, above) {
  const node = nodes[number], button = document.createElement('button');
  button.type = 'button';
  button.textContent = name(node);
  button.style.cssText = `left:${left}%;width:${width}%;top:${depth * HEIGHT}px;background:${colour(node)}`;
  button.title = `${name(node)}\n${shown(node[TOTAL])} instructions (${part(node[TOTAL])})\n` +
    `${shown(node[OWN])} of its own, ${shown(node[CALLS])} calls`;
  if (above) button.classList.add('above');
  if (wanted && name(node).toLowerCase().includes(wanted)) button.classList.add('found');
  button.addEventListener('click', () => { focus = number; draw(); });
  const tell = () => { element('path').textContent = path(number); };
  button.addEventListener('mouseenter', tell);
  button.addEventListener('focus', tell);
  return button;
}

function draw() {
  const graph = element('graph'), bars = [], line = [];
  for (let at = nodes[focus][PARENT]; at >= 0; at = nodes[at][PARENT]) line.unshift(at);
  line.forEach((number, depth) => bars.push(bar(number, 0, 100, depth, true)));
  let deepest = line.length;
  const waiting = [[focus, 0, 100, line.length]];
  while (waiting.length) {
    const [number, left, width, depth] = waiting.pop();
    if ((width * graph.clientWidth) / 100 < 0.4) continue;
    bars.push(bar(number, left, width, depth, false));
    deepest = Math.max(deepest, depth);
    let at = left;
    for (const child of below[number]) {
      const wide = nodes[number][TOTAL] ? (width * nodes[child][TOTAL]) / nodes[number][TOTAL] : 0;
      waiting.push([child, at, wide, depth + 1]);
      at += wide;
    }
  }
  graph.style.height = `${(deepest + 1) * HEIGHT}px`;
  graph.replaceChildren(...bars);
  element('whole').hidden = focus === 0;
  element('path').textContent = path(focus);
  const hits = data.places.filter((place) => wanted && place[0].toLowerCase().includes(wanted));
  const own = hits.reduce((sum, place) => sum + place[3], 0);
  element('found').textContent = wanted ? `${hits.length} found, ${part(own)} of all instructions are their own` : '';
  table();
}

function table() {
  const rows = data.places.filter((place) => !wanted || place[0].toLowerCase().includes(wanted));
  rows.sort((a, b) => (column ? b[column] - a[column] : a[0].localeCompare(b[0])));
  element('rows').replaceChildren(...rows.slice(0, MOST_ROWS).map((place) => {
    const row = document.createElement('tr');
    for (const text of [place[0], `${shown(place[3])} (${part(place[3])})`, `${shown(place[4])} (${part(place[4])})`, shown(place[2])]) {
      row.insertCell().textContent = text;
    }
    if (place[1] !== 'function') row.cells[0].append(' ', Object.assign(document.createElement('small'), { textContent: place[1] }));
    return row;
  }));
}

element('name').textContent = document.title = `Profile of ${data.name}`;
element('summary').textContent = `${shown(data.total)} instructions of machine code, exactly; the same run has the same.`;
element('find').addEventListener('input', (event) => { wanted = event.target.value.toLowerCase(); draw(); });
element('whole').addEventListener('click', () => { focus = 0; draw(); });
document.querySelectorAll('th button').forEach((button) => button.addEventListener('click', () => {
  column = Number(button.dataset.column);
  table();
}));
addEventListener('resize', draw);
draw();
