// Puts the parts together: a change of the filter counts again and draws again, once a frame of the display.

const GALLERY_WAITS_MS = 120; // while a slider moves, pictures need not follow

async function start() {
  const log = await readLog();
  const filter = newFilter(log);
  const opened = new Set(page.tracks.length <= 40 ? page.words.keys() : []);
  const order = { by: "frames", falling: true };
  const ofWord = tracksByWord();
  let counts = count(log, filter);
  let isDue = false;
  let later = 0;

  const say = (text) => { byId("said").textContent = text; };
  const player = newPlayer(log, move);
  const onGo = {
    seconds: (seconds) => { player.goToSeconds(seconds); say(clock(seconds)); },
    near(row, seconds, reach) {
      const frame = nearestFrame(log, filter, row, seconds, reach);
      if (frame === null) onGo.seconds(seconds);
      else { player.goTo(frame); say(`${row.fullName || row.name} at ${clock(log.seconds[frame])}`); }
    },
    moment(row, direction) {
      const found = moments(log, filter, row);
      const at = direction > 0
        ? found.findIndex(([first]) => first > player.frame || (first === 0 && player.seconds === 0))
        : found.findLastIndex(([first]) => first < player.frame);
      if (at < 0) { say(direction > 0 ? "no later moment" : "no earlier moment"); return; }
      const [first, last] = found[at];
      player.goTo(first);
      say(`${row.fullName || row.name}, moment ${at + 1} of ${found.length}, ${clock(log.seconds[first])} to ${clock(log.seconds[last])}`);
    },
    best(track, name) { onGo.seconds(track.best_seconds + page.seconds_per_frame / 4); say(`${name} at ${clock(track.best_seconds)}`); },
  };
  const grid = newGrid({
    log, filter, onGo,
    onOpen: {
      isOpen: (row) => opened.has(row.key),
      toggle(row) {
        if (row.isTrack) onGo.best(page.tracks[row.key - 1], row.fullName);
        else { if (!opened.delete(row.key)) opened.add(row.key); showRows(); }
      },
    },
    onSort(by) {
      order.falling = order.by === by ? !order.falling : by !== "name" && by !== "first";
      order.by = by;
      showRows();
    },
  });
  const gallery = newGallery({ onGo });

  function showRows() {
    for (const button of document.querySelectorAll("#head [data-sort]")) {
      const heading = button.parentElement;
      if (button.dataset.sort === order.by) heading.setAttribute("aria-sort", order.falling ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    }
    grid.show(visibleRows(counts, opened, order, ofWord));
    move();
  }

  function refresh() {
    isDue = false;
    counts = count(log, filter);
    describeCounts(counts);
    showRows();
    clearTimeout(later);
    later = setTimeout(() => gallery.show(counts), GALLERY_WAITS_MS);
  }

  function changed() {
    if (!isDue) { isDue = true; requestAnimationFrame(refresh); }
  }

  function zoom(from, to) {
    const least = 2 * page.seconds_per_frame;
    filter.from = Math.max(page.first_seconds, Math.min(from, log.endSeconds - least));
    filter.to = Math.min(log.endSeconds, Math.max(to, filter.from + least));
    changed();
    writeTimes(filter);
  }

  function move() {
    describeNow(log, filter, counts, player);
    placePlayhead(filter, player.seconds);
  }

  listenToPointer({ log, filter, grid, onGo, onZoom: zoom });
  listenToFilters({ log, filter, changed, zoom });
  listenToKeys({ log, filter, player, zoom });
  showGaps(onGo);
  describeTotals(log);
  setLeastConfidence(log, filter);
  writeTimes(filter);
  refresh();
  new ResizeObserver(showRows).observe(byId("grid-around"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showRows);
  document.documentElement.dataset.ready = "yes";
  performance.mark("ready");
}

start().catch((error) => {
  byId("trouble").hidden = false;
  byId("trouble").textContent = typeof DecompressionStream === "undefined"
    ? "This browser is too old to read the log in this page: use one of 2023 or later."
    : `The log in this page cannot be read: ${error.message}`;
});
