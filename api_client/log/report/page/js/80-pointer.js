// The pointer on the strips: a click goes there, a drag zooms.

const DRAG_PX = 5;
const NEAR_PX = 8;

function listenToPointer({ log, filter, grid, onGo, onZoom }) {
  const area = byId("grid");
  const selection = byId("selection");
  let drag = null;

  const secondsAt = (x, box) =>
    filter.from + Math.min(1, Math.max(0, (x - box.left) / box.width)) * (filter.to - filter.from);

  area.addEventListener("pointerdown", (event) => {
    const strip = event.target.closest(".strip");
    if (!strip || event.button !== 0) return;
    drag = { box: strip.getBoundingClientRect(), from: event.clientX, row: strip.closest(".row") };
  });
  window.addEventListener("pointermove", (event) => {
    if (!drag || Math.abs(event.clientX - drag.from) < DRAG_PX) return;
    const left = area.getBoundingClientRect().left;
    const clamp = (x) => Math.min(drag.box.right, Math.max(drag.box.left, x));
    const [start, end] = [clamp(drag.from), clamp(event.clientX)].sort((a, b) => a - b);
    selection.hidden = false;
    Object.assign(selection.style, {
      left: `${start - left}px`, width: `${end - start}px`, height: `${area.scrollHeight}px`,
    });
  });
  window.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { box, from, row } = drag;
    drag = null;
    selection.hidden = true;
    if (Math.abs(event.clientX - from) >= DRAG_PX) onZoom(...[secondsAt(from, box), secondsAt(event.clientX, box)].sort((a, b) => a - b));
    else click(event.clientX, box, row);
  });
  window.addEventListener("pointercancel", () => { drag = null; selection.hidden = true; });
  area.addEventListener("dblclick", (event) => { if (event.target.closest(".strip")) onZoom(page.first_seconds, log.endSeconds); });

  function click(x, box, element) {
    const seconds = secondsAt(x, box);
    if (!element) return onGo.seconds(seconds);
    grid.choose(grid.indexOf(element));
    const reach = NEAR_PX / box.width * (filter.to - filter.from);
    return onGo.near(grid.rowOf(element), seconds, reach);
  }
}

/** The frame of a row that is nearest to a time, at most so far from it; null where there is none. */
function nearestFrame(log, filter, row, seconds, reach) {
  const [boxes, first, end] = boxesOf(log, row);
  const lasts = page.every * page.seconds_per_frame;
  let best = null;
  let distance = reach + lasts;
  for (let i = first; i < end; i++) {
    if (log.confidence[boxes[i]] < filter.leastConfidence) continue;
    const at = log.seconds[log.frame[boxes[i]]];
    const away = seconds < at ? at - seconds : Math.max(0, seconds - at - lasts);
    if (away < distance || (away === distance && away === 0)) [best, distance] = [log.frame[boxes[i]], away];
  }
  return best;
}
