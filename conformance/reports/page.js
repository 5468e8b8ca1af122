'use strict';
// Shows the document: a matrix of cases by runtimes, filters, and a case's own page. The state is in the address, so that it
// can be sent to somebody.

const told = JSON.parse(document.getElementById('data').textContent);
const SIGNS = { PASS: '✓', FAIL: '✗', ERROR: '⚠', XPASS: '!', FLAKY: '~', XFAIL: '×', SKIP: '–' };
const get = (id) => document.getElementById(id);

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat().filter((each) => each != null));
  return element;
}

const fullName = (row) => `${row.suite}/${row.name}`;
const mark = (verdict, text) => [make('span', { class: 'sign', 'aria-hidden': 'true' }, SIGNS[verdict]), ' ', text ?? verdict];
const present = Object.keys(SIGNS).filter((verdict) => told.runtimes.some((runtime) => runtime.verdicts[verdict]));

// The head

const quiet = told.unexpected === 0;
get('verdict').append(
  make('strong', { class: quiet ? 'PASS' : 'FAIL' }, ...mark(quiet ? 'PASS' : 'FAIL', quiet ? 'Nothing unexpected' : `${told.unexpected} unexpected`)),
  ` in ${told.cases.length} cases on ${told.runtimes.length} ${told.runtimes.length === 1 ? 'runtime' : 'runtimes'}; agave-wasi ${told.agave_wasi}`,
);
get('runtimes').append(
  make('thead', {}, make('tr', {}, ['runtime', 'version', ...present].map((text) => make('th', {}, text)))),
  make('tbody', {}, told.runtimes.map((runtime) => make('tr', {},
    make('td', { title: runtime.about }, runtime.name + (runtime.reference ? ' (reference, not judged)' : '')),
    make('td', {}, runtime.version),
    present.map((verdict) => make('td', { class: `number ${runtime.verdicts[verdict] ? verdict : 'quiet'}` }, String(runtime.verdicts[verdict] ?? 0))),
  ))),
);
get('legend').append(...present.map((verdict) => make('span', { class: verdict }, ...mark(verdict), `: ${told.meanings[verdict]}`)));

// Filters

const state = new URLSearchParams(location.hash.slice(1));
get('suite').append(make('option', { value: '' }, 'all'), ...[...new Set(told.cases.map((row) => row.suite))].map((name) => make('option', { value: name }, name)));
for (const verdict of present) {
  const box = make('input', { type: 'checkbox', value: verdict, checked: !(state.get('hide') ?? '').split(' ').includes(verdict), onchange: refresh });
  get('verdicts').append(make('label', { class: verdict }, box, ...mark(verdict)));
}
get('find').value = state.get('find') ?? '';
get('suite').value = state.get('suite') ?? '';
get('find').addEventListener('input', refresh);
get('suite').addEventListener('change', refresh);
get('filters').addEventListener('submit', (event) => event.preventDefault());

function matches(row, words, suite, hidden) {
  if (suite && row.suite !== suite) return false;
  if (row.outcomes.every((each) => hidden.includes(each.verdict))) return false;
  const text = [fullName(row), ...row.outcomes.flatMap((each) => each.reasons)].join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

// The matrix

const head = make('tr', {}, make('th', {}, 'case'), told.runtimes.map((runtime) => make('th', {}, runtime.name)));
const body = make('tbody');
get('matrix').append(make('thead', {}, head), body);
const rows = told.cases.map((row) => {
  const cells = told.runtimes.map((runtime) => {
    const found = row.outcomes.find((each) => each.runtime === runtime.name);
    if (!found) return make('td', {}, '');
    const say = `${found.verdict} on ${runtime.name}: ${found.reasons.join('; ') || told.meanings[found.verdict]}`;
    return make('td', {}, make('button', { class: `verdict ${found.verdict}`, title: say, onclick: () => open(row, runtime.name) }, ...mark(found.verdict)));
  });
  const name = make('button', { class: 'name', onclick: () => open(row) }, fullName(row));
  return { row, element: make('tr', {}, make('th', { scope: 'row' }, name), cells) };
});

function refresh() {
  const find = get('find').value.trim();
  const suite = get('suite').value;
  const hidden = [...document.querySelectorAll('#verdicts input')].filter((box) => !box.checked).map((box) => box.value);
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = rows.filter(({ row }) => matches(row, words, suite, hidden));
  body.replaceChildren(...shown.map((each) => each.element));
  get('count').textContent = `${shown.length} of ${rows.length} cases`;
  keep({ find, suite, hide: hidden.join(' ') });
}

function keep(values) {
  for (const [key, value] of Object.entries(values)) {
    if (value) state.set(key, value);
    else state.delete(key);
  }
  history.replaceState(null, '', `#${state}`);
}

// A case

function open(row, runtime) {
  const dialog = get('case');
  const first = make('header', {}, make('h2', { id: 'case-name' }, fullName(row)), make('button', { id: 'close', onclick: () => dialog.close() }, '✕ Close'));
  const given = [['arguments', row.args.length && JSON.stringify(row.args)], ['environment', Object.keys(row.env).length && JSON.stringify(row.env)], ['stdin', row.stdin], ['needs', row.needs], ['program', `sha256 ${row.sha256}`]];
  const facts = make('table', {}, given.filter(([, text]) => text).map(([key, text]) => make('tr', {}, make('th', {}, key), make('td', {}, make('pre', {}, text)))));
  const outcomes = [...row.outcomes].sort((one, other) => (one.verdict === 'PASS') - (other.verdict === 'PASS')); // passes last
  const parts = outcomes.map((outcome) => outcomePart(row, outcome));
  dialog.replaceChildren(first, facts, ...parts, ...tracesOf(row));
  dialog.showModal();
  keep({ case: fullName(row) });
  if (runtime) parts[outcomes.findIndex((each) => each.runtime === runtime)]?.scrollIntoView({ block: 'nearest' });
}

get('case').addEventListener('close', () => keep({ case: '' }));
get('case').addEventListener('click', (event) => { if (event.target === get('case')) get('case').close(); });

function outcomePart(row, outcome) {
  const part = make('section', { 'data-runtime': outcome.runtime }, make('h3', { class: outcome.verdict }, ...mark(outcome.verdict), ` on ${outcome.runtime}`));
  part.append(make('ul', {}, outcome.reasons.map((reason) => make('li', {}, make('pre', {}, reason)))));
  if (outcome.expectation) {
    const link = outcome.expectation.link;
    const web = /^https?:/.test(link);
    part.append(make('p', { class: 'quiet' }, `${outcome.expectation.file}: ${outcome.expectation.reason} `, web ? make('a', { href: link, rel: 'noreferrer' }, link) : link));
  }
  outcome.seen.forEach((seen, number) => part.append(comparison(row.expected, seen, outcome.seen.length > 1 ? `actual, ${number + 1}` : 'actual')));
  return part;
}

function tracesOf(row) {
  const held = get(`traces-${told.cases.indexOf(row)}`);
  return held ? [make('div', { class: 'host-calls' }, held.content.cloneNode(true))] : [];
}

function comparison(expected, seen, title) {
  const lines = [
    ['ended by', 'exit', seen.message && seen.ended_by !== 'exit' ? `${seen.ended_by}: ${seen.message}` : seen.ended_by, seen.ended_by !== 'exit'],
    ['exit code', String(expected.exit_code), String(seen.exit_code ?? 'none'), expected.exit_code !== seen.exit_code],
    ...['stdout', 'stderr'].map((key) => [key, expected[key], seen[key], expected[key] !== seen[key]]),
  ];
  for (const path of Object.keys(expected.files ?? {})) {
    const [wanted, got] = [entry(expected.files[path]), entry(seen.files?.[path])];
    lines.push([path, wanted, got, wanted !== got]);
  }
  for (const path of expected.no_other_files ? Object.keys(seen.files ?? {}) : []) {
    if (!(path in expected.files)) lines.push([path, 'nothing', entry(seen.files[path]), true]);
  }
  for (const leak of seen.leaked ?? []) lines.push(['left open', '', leak, true]);
  return make('table', {},
    make('thead', {}, make('tr', {}, ['', 'expected', title].map((text) => make('th', {}, text)))),
    make('tbody', {}, lines.map(([key, wanted, got, differs]) => make('tr', {},
      make('th', {}, key), make('td', {}, text(wanted)), make('td', { class: differs && 'differs' }, text(got))))));
}

const entry = (found) => (found ? (found.kind === 'file' ? found.data : [found.kind, found.data].filter(Boolean).join(' to ')) : 'nothing');
const text = (value) => (value === '' ? make('span', { class: 'quiet' }, '(empty)') : make('pre', {}, value));

refresh();
const asked = told.cases.find((row) => fullName(row) === state.get('case'));
if (asked) open(asked);
