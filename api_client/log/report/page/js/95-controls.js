// The filter's fields, the keys, and the lines of text around the timeline.

function writeTimes(filter) {
  byId("from").value = clock(filter.from);
  byId("to").value = clock(filter.to);
}

/** The slider begins at the lowest confidence of the log: it hides nothing. */
function setLeastConfidence(log, filter) {
  const least = log.confidence.reduce((least, value) => Math.min(least, value), 200) >> 1;
  const slider = byId("confidence");
  slider.min = slider.value = log.confidence.length ? least : 0;
  takeConfidence(filter);
}

/** In the log's half percents. */
function takeConfidence(filter) {
  const slider = byId("confidence");
  filter.leastConfidence = 2 * slider.value;
  byId("confidence-value").textContent = `${slider.value} %`;
  slider.setAttribute("aria-valuetext", `${slider.value} percent`);
}

function listenToFilters({ log, filter, changed, zoom }) {
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("word").addEventListener("input", () => { filter.text = byId("word").value; changed(); });
  byId("confidence").addEventListener("input", () => {
    takeConfidence(filter);
    changed();
  });
  for (const id of ["from", "to"]) {
    byId(id).addEventListener("change", () => {
      const [from, to] = [secondsOf(byId("from").value), secondsOf(byId("to").value)];
      byId(id).setAttribute("aria-invalid", secondsOf(byId(id).value) === null);
      if (from === null || to === null) return;
      // what is written is rounded to a tenth: the end itself stays the end
      zoom(from, to >= Math.floor(log.endSeconds * 10) / 10 ? log.endSeconds : to);
    });
  }
  byId("whole").addEventListener("click", () => zoom(page.first_seconds, log.endSeconds));
}

function listenToKeys({ log, filter, player, zoom }) {
  const by = (factor) => {
    const now = Math.min(filter.to, Math.max(filter.from, player.seconds));
    zoom(now - (now - filter.from) * factor, now + (filter.to - now) * factor);
  };
  const KEYS = {
    "+": () => by(0.5), "=": () => by(0.5), "-": () => by(2), "−": () => by(2),
    0: () => zoom(page.first_seconds, log.endSeconds), " ": () => player.toggle(),
  };
  byId("grid").addEventListener("keydown", (event) => {
    if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey || event.target !== byId("grid")) return;
    event.preventDefault();
    KEYS[event.key]();
  });
}

function describeCounts({ words, tracks, detections, frames }) {
  const found = words.detections.reduce((sum, value) => sum + (value > 0), 0);
  const objects = tracks.detections.reduce((sum, value, key) => sum + (key > 0 && value > 0), 0);
  byId("counts").textContent = [
    many(detections, "detection", "detections"),
    ...(page.is_tracked ? [many(objects, "object", "objects")] : []),
    many(found, "word", "words"), `in ${many(frames, "frame", "frames")}`,
  ].join(", ");
}

function describeTotals(log) {
  byId("totals").textContent = [
    many(page.frames, "frame", "frames"), clock(log.endSeconds - page.first_seconds),
    `${page.frames_looked_at.toLocaleString("en")} looked at`,
    many(page.gaps.length, "gap", "gaps"),
  ].join(" · ");
}

function showGaps(onGo) {
  byId("gaps")?.append(...page.gaps.map((gap) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${clock(gap.first_seconds)} to ${clock(gap.last_seconds)}`;
    button.addEventListener("click", () => onGo.seconds(gap.first_seconds));
    item.append(button, `frames ${gap.first_frame} to ${gap.last_frame}: ${gap.reason}`);
    return item;
  }));
}

function placePlayhead(filter, seconds) {
  const line = byId("playhead");
  const [area, axis] = [byId("grid").getBoundingClientRect(), byId("axis").getBoundingClientRect()];
  const share = (seconds - filter.from) / Math.max(1e-9, filter.to - filter.from);
  line.hidden = share < 0 || share > 1;
  line.style.left = `${axis.left - area.left + share * axis.width}px`;
  line.style.height = `${byId("grid").scrollHeight}px`;
}
