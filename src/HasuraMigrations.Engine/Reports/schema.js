(() => {
  const svg = document.getElementById('er');
  if (!svg) return;
  const canvas = document.getElementById('canvas');
  const panel = document.getElementById('panel');
  const boxes = [...svg.querySelectorAll('.box')];
  const edges = [...svg.querySelectorAll('.edge')];
  const byTable = new Map(boxes.map(box => [box.dataset.table, box]));
  const entities = new Map([...document.querySelectorAll('.entity')].map(entity => [entity.dataset.table, entity]));
  const rows = new Map([...document.querySelectorAll('.matrix tr[data-table]')].map(row => [row.dataset.table, row]));

  // The view: a part of the drawing, moved by dragging and made larger by the buttons, or by the wheel with Ctrl.
  const [left, top, width, height] = svg.getAttribute('viewBox').split(' ').map(Number);
  const view = { x: left, y: top, scale: 1 };
  const size = () => [canvas.clientWidth, canvas.clientHeight];
  const draw = () => {
    const [w, h] = size();
    svg.setAttribute('viewBox', `${view.x} ${view.y} ${w * view.scale} ${h * view.scale}`);
  };
  const zoom = (factor, at) => {
    const [w, h] = size();
    const [px, py] = at || [w / 2, h / 2];
    const scale = Math.min(12, Math.max(0.3, view.scale * factor));
    view.x += px * (view.scale - scale);
    view.y += py * (view.scale - scale);
    view.scale = scale;
    draw();
  };
  const fit = () => {
    const [w, h] = size();
    view.scale = Math.max(1, width / w, height / h);
    view.x = left + (width - w * view.scale) / 2;
    view.y = top + (height - h * view.scale) / 2;
    draw();
  };
  // Of a drawing that would be too small to read as a whole, the beginning is shown.
  const begin = () => {
    const [w, h] = size();
    if (Math.max(width / w, height / h) <= 2) return fit();
    view.scale = Math.min(1.4, Math.max(1, height / h));
    const joined = new Set(edges.flatMap(edge => [edge.dataset.child, edge.dataset.parent]));
    const first = boxes.filter(box => joined.has(box.dataset.table) && box.transform.baseVal[0].matrix.e === 0).map(box => box.transform.baseVal[0].matrix.f).slice(0, 20);
    const middle = (Math.min(...first) + Math.max(...first)) / 2;
    view.x = left;
    view.y = Math.max(top, Math.min(top + height - h * view.scale, (first.length ? middle : top) - h * view.scale / 2));
    draw();
  };
  const center = box => {
    const [w, h] = size();
    const place = box.transform.baseVal[0].matrix;
    const bounds = box.getBBox();
    view.scale = Math.min(view.scale, 1.4);
    view.x = place.e + bounds.width / 2 - w * view.scale / 2;
    view.y = place.f + bounds.height / 2 - h * view.scale / 2;
    draw();
  };
  const resize = () => { canvas.style.height = `${Math.max(260, Math.min(height + 2, innerHeight * 0.72))}px`; };
  canvas.classList.add('live');
  canvas.querySelector('.tools').hidden = false;
  document.getElementById('filters').hidden = false;
  resize();
  begin();
  addEventListener('resize', () => { resize(); draw(); });
  canvas.querySelectorAll('[data-zoom]').forEach(button => button.addEventListener('click', () => Number(button.dataset.zoom) ? zoom(Number(button.dataset.zoom)) : fit()));
  svg.addEventListener('wheel', event => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const bounds = svg.getBoundingClientRect();
    zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, [event.clientX - bounds.left, event.clientY - bounds.top]);
  }, { passive: false });
  let from = null;
  let hasMoved = false;
  svg.addEventListener('pointerdown', event => { from = [event.clientX, event.clientY]; hasMoved = false; });
  addEventListener('pointermove', event => {
    if (!from) return;
    const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
    if (!hasMoved && Math.abs(dx) + Math.abs(dy) < 4) return;
    hasMoved = true;
    svg.classList.add('moving');
    from = [event.clientX, event.clientY];
    view.x -= dx * view.scale;
    view.y -= dy * view.scale;
    draw();
  });
  ['pointerup', 'pointercancel'].forEach(end => addEventListener(end, () => { from = null; svg.classList.remove('moving'); }));
  svg.addEventListener('dragstart', event => event.preventDefault());

  // What matches the words and the role; tables beside the chosen one stay clear.
  const filter = document.getElementById('filter');
  const role = document.getElementById('role');
  const shown = document.getElementById('shown');
  const texts = new Map([...entities].map(([table, entity]) => [table, `${byTable.get(table).querySelector('title').textContent} ${[...entity.querySelectorAll('.columns code')].map(code => code.textContent).join(' ')}`.toLowerCase()]));
  let chosen = null;
  const near = () => {
    const tables = new Set(chosen ? [chosen] : []);
    edges.forEach(edge => {
      const isNear = chosen && (edge.dataset.child === chosen || edge.dataset.parent === chosen);
      edge.classList.toggle('near', Boolean(isNear));
      if (isNear) tables.add(edge.dataset.child).add(edge.dataset.parent);
    });
    return tables;
  };
  const refresh = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(word => word);
    const around = near();
    const isShown = new Map(boxes.map(box => {
      const table = box.dataset.table;
      return [table, words.every(word => texts.get(table).includes(word)) && (role.value === '' || box.dataset.roles.split(' ').includes(role.value))];
    }));
    boxes.forEach(box => {
      const table = box.dataset.table;
      box.classList.toggle('chosen', table === chosen);
      box.classList.toggle('faint', !isShown.get(table) || (chosen !== null && !around.has(table)));
      entities.get(table).hidden = !isShown.get(table);
      if (rows.has(table)) rows.get(table).hidden = !isShown.get(table);
    });
    edges.forEach(edge => edge.classList.toggle('faint', !isShown.get(edge.dataset.child) || !isShown.get(edge.dataset.parent) || (chosen !== null && !edge.classList.contains('near'))));
    document.querySelectorAll('.matrix [data-role]:not(a)').forEach(cell => { cell.hidden = role.value !== '' && cell.dataset.role !== role.value; });
    const count = [...isShown.values()].filter(value => value).length;
    shown.textContent = count < boxes.length ? `${count} of ${boxes.length} tables` : '';
    return isShown;
  };
  const choose = (table, ofRole) => {
    chosen = table;
    const entity = entities.get(table);
    panel.replaceChildren();
    panel.hidden = !entity;
    if (entity) {
      const close = document.createElement('button');
      close.className = 'close';
      close.textContent = '\u00d7';
      close.title = 'Close';
      close.addEventListener('click', () => choose(null));
      const heading = document.createElement('h2');
      heading.textContent = entity.querySelector('summary b').textContent;
      panel.append(close, heading, entity.querySelector('.body').cloneNode(true));
      const part = ofRole === undefined ? null : panel.querySelector(`.role[data-role="${ofRole}"]`);
      if (part) {
        part.classList.add('chosen');
        panel.scrollTop = part.offsetTop - panel.offsetTop - 8;
      } else {
        panel.scrollTop = 0;
      }
    }
    refresh();
    draw();
  };
  filter.addEventListener('input', () => {
    const isShown = refresh();
    const found = boxes.filter(box => isShown.get(box.dataset.table));
    if (filter.value && found.length > 0 && found.length < boxes.length) center(found[0]);
  });
  role.addEventListener('change', refresh);
  addEventListener('keydown', event => { if (event.key === 'Escape' && chosen) choose(null); });
  document.addEventListener('click', event => {
    const link = event.target.closest('a[data-table]');
    if (!link) {
      if (event.target === svg && !hasMoved && chosen) choose(null);
      return;
    }
    event.preventDefault();
    if (link.classList.contains('box')) {
      if (!hasMoved) choose(link.dataset.table);
      return;
    }
    choose(link.dataset.table, link.dataset.role);
    center(byTable.get(link.dataset.table));
    if (!panel.contains(link)) document.getElementById('diagram').scrollIntoView({ block: 'start' });
  });
  // A link to the page may name a table.
  if (/^#t\d+$/.test(location.hash) && byTable.has(location.hash.slice(2))) {
    choose(location.hash.slice(2));
    center(byTable.get(chosen));
    document.getElementById('diagram').scrollIntoView({ block: 'start' });
  }
})();
