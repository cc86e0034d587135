'use strict';
(() => {
  const matrix = document.getElementById('matrix');
  const copy = (text, button) => {
    const told = (word) => { button.textContent = word; setTimeout(() => { button.textContent = 'Copy'; }, 1500); };
    const old = () => {
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand('copy');
      area.remove();
      told(done ? 'Copied' : 'Select and copy it');
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => told('Copied'), old); else old();
  };
  const copies = (within) => {
    for (const pre of within.querySelectorAll('pre')) {
      if (pre.previousElementSibling && pre.previousElementSibling.className === 'copy') continue;
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'copy';
      button.textContent = 'Copy';
      button.addEventListener('click', () => copy(pre.textContent, button));
      pre.before(button);
    }
  };
  // Of thousands of learners few are looked at: their buttons are made when they are.
  for (const list of document.querySelectorAll('.causes')) copies(list);
  document.addEventListener('toggle', (event) => { if (event.target.open) copies(event.target); }, true);
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const details = target && target.closest('details');
    if (details) { details.open = true; details.scrollIntoView(); }
  };
  addEventListener('hashchange', open);
  open();
  addEventListener('beforeprint', () => { for (const one of document.querySelectorAll('details')) one.open = true; });
  if (!matrix) return;
  const tools = document.getElementById('tools');
  const count = document.getElementById('count');
  const text = document.getElementById('text');
  const verdict = document.getElementById('verdict');
  const platform = document.getElementById('platform');
  const tables = Array.from(matrix.querySelectorAll('table'));
  const bodies = tables.map((table) => table.tBodies[0]);
  const sizes = bodies.map((body) => body.rows.length);
  const rows = bodies.flatMap((body) => Array.from(body.rows));
  const words = rows.map((row) => Array.from(row.cells).slice(0, 4).map((cell) => cell.textContent).join(' ').toLowerCase() + ' ' + row.dataset.k.toLowerCase());
  const details = new Map(Array.from(document.querySelectorAll('details[data-l]')).map((one) => [one.dataset.l, one]));
  const filter = () => {
    const wanted = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = new Set();
    let number = 0;
    rows.forEach((row, at) => {
      const fits = wanted.every((word) => words[at].includes(word)) && (!verdict.value || row.dataset.v === verdict.value) && (!platform.value || row.dataset.p === platform.value);
      row.hidden = !fits;
      if (fits) { number += 1; shown.add(row.dataset.l); }
    });
    bodies.slice(0, -1).forEach((body) => { body.closest('.part').hidden = Array.from(body.rows).every((row) => row.hidden); });
    for (const [learner, one] of details) one.hidden = !shown.has(learner);
    count.textContent = number === 1 ? '1 row' : number + ' rows';
  };
  for (const input of [text, verdict, platform]) input.addEventListener('input', filter);
  const badness = { fail: 6, unknown: 5, blocked: 4, warn: 3, missing: 2, waived: 1, skip: 1, pass: 0 };
  const order = new Intl.Collator('en', { numeric: true });
  const heads = tables.map((table) => Array.from(table.tHead.rows[0].cells));
  const button = (head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') !== 'descending';
      for (const cells of heads) {
        for (const other of cells) other.removeAttribute('aria-sort');
        cells[column].setAttribute('aria-sort', down ? 'descending' : 'ascending');
      }
      const key = (row) => {
        const cell = row.cells[column];
        return cell.dataset.s === undefined ? cell.textContent : cell.dataset.s;
      };
      const keys = new Map(rows.map((row) => [row, key(row)]));
      const compare = (left, right) => {
        const [a, b] = [keys.get(left), keys.get(right)];
        return a in badness && b in badness ? badness[b] - badness[a] : order.compare(a, b);
      };
      const sorted = rows.slice().sort((left, right) => (down ? compare(left, right) : compare(right, left)));
      let from = 0;
      bodies.forEach((body, at) => { body.append(...sorted.slice(from, from + sizes[at])); from += sizes[at]; });
      filter();
    });
  };
  for (const cells of heads) cells.forEach(button);
  tools.hidden = false;
  filter();
})();
