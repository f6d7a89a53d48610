// The timeline: a tree grid whose rows exist only while they are in view.

const ROWS_BEYOND = 4;

function newGrid({ log, filter, onOpen, onGo, onSort }) {
  const grid = byId("grid");
  const holder = byId("rows");
  const pool = [];
  let rows = [];
  let chosen = 0;

  const rowHeight = () => byId("head").offsetHeight;

  function show(newRows) {
    const before = rows[chosen];
    rows = newRows;
    const same = before ? rows.findIndex((row) => row.isTrack === before.isTrack && row.key === before.key) : 0;
    chosen = Math.max(0, same >= 0 ? same : Math.min(chosen, rows.length - 1));
    grid.setAttribute("aria-rowcount", rows.length + 1);
    holder.style.height = `${rows.length * rowHeight()}px`;
    draw();
  }

  function draw() {
    const height = rowHeight();
    const look = stripLook();
    const first = Math.max(0, Math.floor(grid.scrollTop / height) - ROWS_BEYOND);
    const count = Math.min(rows.length - first, Math.ceil(grid.clientHeight / height) + 2 * ROWS_BEYOND);
    while (pool.length < count) pool.push(holder.appendChild(newRow()));
    pool.forEach((element, i) => {
      element.hidden = i >= count;
      element.style.display = i < count ? "" : "none";
      if (i < count) fill(element, rows[first + i], first + i, height, look);
    });
    drawAxis(byId("axis"), look, filter);
    const active = rows.length && chosen >= first && chosen < first + count;
    if (active) grid.setAttribute("aria-activedescendant", `row-${chosen}`);
    else grid.removeAttribute("aria-activedescendant");
  }

  function fill(element, row, index, height, look) {
    element.id = `row-${index}`;
    element.style.transform = `translateY(${index * height}px)`;
    element.setAttribute("aria-rowindex", index + 2);
    element.setAttribute("aria-level", row.isTrack ? 2 : 1);
    element.setAttribute("aria-selected", index === chosen);
    if (!row.isTrack && row.objects) element.setAttribute("aria-expanded", onOpen.isOpen(row));
    else element.removeAttribute("aria-expanded");
    const [name, objects, frames, first, last, strip] = element.children;
    name.lastChild.textContent = row.name;
    name.firstChild.style.background = row.colour;
    name.title = row.fullName || row.name;
    objects.textContent = row.isTrack ? "" : page.is_tracked ? row.objects : "–";
    frames.textContent = row.frames;
    first.textContent = clock(log.seconds[row.first]);
    last.textContent = clock(log.seconds[row.last]);
    drawStrip(strip.firstChild, look, log, filter, row);
  }

  function choose(index) {
    chosen = Math.max(0, Math.min(rows.length - 1, index));
    const height = rowHeight();
    const top = chosen * height;
    const room = grid.clientHeight - height;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top + height > grid.scrollTop + room) grid.scrollTop = top + height - room;
    draw();
  }

  const MOVES = {
    ArrowUp: () => chosen - 1, ArrowDown: () => chosen + 1, Home: () => 0, End: () => rows.length - 1,
    PageUp: () => chosen - pageRows(), PageDown: () => chosen + pageRows(),
  };
  const pageRows = () => Math.max(1, Math.floor(grid.clientHeight / rowHeight()) - 2);

  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !rows.length) return;
    if (event.target !== grid) return;
    if (MOVES[event.key]) choose(MOVES[event.key]());
    else if (event.key === "Enter") onOpen.toggle(rows[chosen]);
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft")
      onGo.moment(rows[chosen], event.key === "ArrowRight" ? 1 : -1);
    else return;
    event.preventDefault();
  });
  grid.addEventListener("scroll", () => requestAnimationFrame(draw));
  holder.addEventListener("click", (event) => {
    const element = event.target.closest(".row");
    if (!element || event.target.closest(".strip")) return;
    choose(Number(element.id.slice(4)));
    onOpen.toggle(rows[chosen]);
  });
  byId("head").addEventListener("click", (event) => {
    const by = event.target.dataset.sort;
    if (by) onSort(by);
  });

  return { show, draw, choose, rowOf: (element) => rows[Number(element.id.slice(4))], indexOf: (e) => Number(e.id.slice(4)) };
}

function newRow() {
  const row = document.createElement("div");
  row.className = "row";
  row.setAttribute("role", "row");
  for (const kind of ["name", "number", "number", "number", "number", "strip"]) {
    const cell = document.createElement("span");
    cell.className = kind;
    cell.setAttribute("role", kind === "name" ? "rowheader" : "gridcell");
    row.append(cell);
  }
  row.firstChild.append(document.createElement("i"), "");
  row.lastChild.append(document.createElement("canvas"));
  row.lastChild.firstChild.setAttribute("aria-hidden", "true");
  return row;
}
