/** The console's page: one file of markup and one of script, kept as text because it is served by the runner alone. */

export const consolePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Headroom: local cloud</title>
<link rel="icon" href="/icon.svg">
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
button, input, select { font: inherit; padding: .25rem .7rem; }
.bubble { background: #25d36622; border-radius: .6rem; padding: .5rem .8rem; margin: .4rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.quiet { opacity: .7; } .bad { color: #c5221f; } pre { overflow-x: auto; background: #8881; padding: .5rem; max-height: 20rem; }
@media (prefers-color-scheme: dark) { .bad { color: #ff8a80; } }
</style>
</head>
<body>
<h1>Headroom: the local cloud</h1>
<p class="quiet">What the deployed template runs as on this machine. Nothing of this page exists in AWS. <a href="/">To the dashboard</a></p>
<p id="state" role="status"></p>
<h2>Phone</h2><div id="messages"></div>
<h2>Schedules</h2><div class="scroll" id="schedules"></div>
<h2>Simulators</h2><div id="simulators"></div>
<h2>Functions</h2><div class="scroll" id="functions"></div><div id="invocations"></div>
<h2>Queues</h2><div class="scroll" id="queues"></div>
<h2>IAM decisions</h2>
<details open><summary><span id="count-denied">0</span> denied</summary><div class="scroll" id="iam-denied"></div></details>
<details><summary><span id="count-unused">0</span> grants that nothing has used yet</summary><div class="scroll" id="iam-unused"></div></details>
<details><summary><span id="count-allowed">0</span> allowed</summary><div class="scroll" id="iam-allowed"></div></details>
<script src="/_local/console.js"></script>
</body>
</html>
`;

export const consoleScript = `'use strict';
const $ = (id) => document.getElementById(id);
const el = (tag, text, className) => {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = String(text);
  if (className) node.className = className;
  return node;
};
const get = async (path) => (await fetch('/_local/' + path)).json();
const post = async (path, body) => {
  const response = await fetch('/_local/' + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) });
  const answer = await response.json();
  $('state').textContent = response.ok ? 'done' : (answer.detail ?? 'failed');
  $('state').className = response.ok ? '' : 'bad';
  await refresh();
};
const table = (heads, rows) => {
  const t = el('table');
  const head = t.createTHead().insertRow();
  for (const h of heads) head.append(el('th', h));
  const body = t.createTBody();
  for (const row of rows) {
    const tr = body.insertRow();
    for (const cell of row) {
      const td = tr.insertCell();
      if (cell instanceof Node) td.append(cell);
      else {
        td.textContent = cell ?? '';
        if (typeof cell === 'number') td.className = 'number';
      }
    }
  }
  return t;
};
const button = (text, action) => {
  const b = el('button', text);
  b.addEventListener('click', action);
  return b;
};

function showMessages(all) {
  const shown = all.slice(-12).reverse();
  $('messages').replaceChildren(...(shown.length ? shown.map((m) => {
    const div = el('div', undefined, 'bubble');
    div.append(el('div', m.channel + ' to ' + m.to + ' · ' + m.status + ' · ' + m.at + (m.simulated ? ' · simulated' : ''), 'quiet'), el('div', m.body));
    return div;
  }) : [el('p', 'No message was sent yet. Drain a bundle below, then run collect-taara.', 'quiet')]));
}

function faultForm(simulator) {
  const form = el('form');
  const select = el('select');
  select.setAttribute('aria-label', 'fault of ' + simulator.name);
  for (const f of simulator.faults) select.append(new Option(f.name, f.name));
  const fields = el('span');
  const draw = () => {
    const fault = simulator.faults.find((f) => f.name === select.value);
    fields.replaceChildren(...Object.entries(fault?.parameters ?? {}).map(([name, what]) => {
      const input = el('input');
      input.name = name;
      input.placeholder = name;
      input.title = what;
      input.setAttribute('aria-label', name + ': ' + what);
      return input;
    }));
  };
  select.addEventListener('change', draw);
  draw();
  form.append(select, ' ', fields, ' ', el('button', 'Do it'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const body = { fault: select.value };
    for (const input of fields.querySelectorAll('input')) {
      if (input.value !== '') body[input.name] = Number.isNaN(Number(input.value)) ? input.value : Number(input.value);
    }
    post('simulators/' + simulator.name, body);
  });
  return form;
}

let formsDrawn = false;
function showSimulators(all) {
  if (!formsDrawn) {
    $('simulators').replaceChildren(...all.map((s) => {
      const div = el('div');
      const pre = el('pre');
      pre.id = 'state-' + s.name;
      div.append(el('h3', s.name), faultForm(s), pre);
      return div;
    }));
    formsDrawn = true;
  }
  for (const s of all) $('state-' + s.name).textContent = JSON.stringify({ ...s.state, messages: undefined }, null, 1);
}

async function showInvocations(name) {
  const answer = await get('invocations?function=' + encodeURIComponent(name));
  const rows = answer.invocations.slice(-20).reverse().map((i) => [i.at, i.ok ? 'ok' : (i.error?.name + ': ' + i.error?.message), i.durationMs, i.event.slice(0, 160)]);
  $('invocations').replaceChildren(el('h3', name), table(['at', 'result', 'ms', 'event'], rows), el('pre', answer.logs.slice(-60).join('\\n')));
}

function showIam(iam) {
  for (const kind of ['denied', 'unused', 'allowed']) {
    const body = $('iam-' + kind);
    $('count-' + kind).textContent = String(iam[kind].length);
    if (!body.closest('details').open) continue;
    body.replaceChildren(table(['who', 'action', 'resource', 'times'], iam[kind].map((r) => [r.function, r.action, r.resource, r.count])));
  }
}
for (const details of document.querySelectorAll('details')) details.addEventListener('toggle', () => refresh());

async function refresh() {
  const [messages, schedules, simulators, functions, queues, iam] = await Promise.all(
    ['messages', 'schedules', 'simulators', 'functions', 'queues', 'iam'].map(get));
  showMessages(messages);
  $('schedules').replaceChildren(table(['schedule', 'when', 'next', ''], schedules.map((s) => [s.name, s.expression, s.nextAt, button('Run now', () => post('schedules/' + s.name + '/run'))])));
  showSimulators(simulators);
  $('functions').replaceChildren(table(['function', 'invocations', 'errors', 'average ms', 'running', ''], functions.map((f) => [f.name, f.invocations, f.errors, f.averageMs, f.inFlight, button('Show', () => showInvocations(f.name))])));
  $('queues').replaceChildren(table(['queue', 'ready', 'delayed', 'in flight'], queues.filter((q) => !q.deadLetters || q.ready > 0).map((q) => [(q.deadLetters ? 'dead letters: ' : '') + q.name, q.ready, q.delayed, q.inFlight])));
  showIam(iam);
}
refresh();
setInterval(refresh, 3000);
`;
