// Drawing: a strip a row, pale where the object was placed between two detections, hatched where nobody looked.

/** What all strips have in common: asked for once, since asking lays out the page. */
function stripLook() {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth, clientHeight } = byId("axis");
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name);
  return {
    ratio, width: Math.max(1, Math.round(clientWidth * ratio)), height: Math.max(1, Math.round(clientHeight * ratio)),
    text: colour("--text"), line: colour("--line"), gap: colour("--strip-gap"),
  };
}

function cleared(canvas, { width, height }) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  return context;
}

const placed = (filter, width) => (seconds) =>
  Math.round((seconds - filter.from) / Math.max(1e-9, filter.to - filter.from) * width);

function drawStrip(canvas, look, log, filter, row) {
  const { width, height } = look;
  const context = cleared(canvas, look);
  const place = placed(filter, width);
  drawGaps(context, look, place);
  const levels = levelsOf(log, filter, row, place, width);
  context.fillStyle = row.colour;
  for (let x = 0; x < width;) {
    let end = x + 1;
    while (end < width && levels[end] === levels[x]) end++;
    if (levels[x]) {
      const isInterpolated = levels[x] < 0;
      context.globalAlpha = isInterpolated ? 0.3 : 0.45 + 0.55 * (levels[x] / 200) ** 2;
      context.fillRect(x, isInterpolated ? height * 0.3 : 1, end - x, isInterpolated ? height * 0.4 : height - 2);
    }
    x = end;
  }
  context.globalAlpha = 1;
}

/** For every pixel the best confidence there in half percents, -1 where all is interpolated, 0 where nothing is. */
function levelsOf(log, filter, row, place, width) {
  const levels = new Int16Array(width);
  const [boxes, first, end] = boxesOf(log, row);
  const [firstFrame, endFrame] = framesWithin(log, filter);
  const lasts = page.every * page.seconds_per_frame;
  for (let i = first; i < end; i++) {
    const frame = log.frame[boxes[i]];
    if (frame < firstFrame) continue;
    if (frame >= endFrame) break;
    const confidence = log.confidence[boxes[i]];
    if (confidence < filter.leastConfidence) continue;
    const level = log.interpolated[boxes[i]] ? -1 : confidence;
    const left = place(log.seconds[frame]);
    const right = Math.min(width, Math.max(left + 1, place(log.seconds[frame] + lasts)));
    for (let x = Math.max(0, left); x < right; x++) {
      if (levels[x] <= 0 ? level > 0 || levels[x] === 0 : level > levels[x]) levels[x] = level;
    }
  }
  return levels;
}

function drawGaps(context, { gap: colour, height }, place) {
  context.fillStyle = colour;
  for (const gap of page.gaps) {
    const left = place(gap.first_seconds);
    const right = Math.max(left + 2, place(gap.last_seconds + page.seconds_per_frame));
    for (let x = left; x < right; x += 4) context.fillRect(x, 0, 2, height);
  }
}

const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200];

function drawAxis(canvas, look, filter) {
  const { width, height, ratio } = look;
  const context = cleared(canvas, look);
  const room = 90 * ratio;
  const step = STEPS.find((s) => s / (filter.to - filter.from) * width >= room) || 86400;
  const place = placed(filter, width);
  context.font = `${11 * ratio}px system-ui, sans-serif`;
  context.textBaseline = "middle";
  for (let n = Math.ceil(filter.from / step - 1e-9); n * step <= filter.to; n++) {
    const x = place(n * step);
    context.fillStyle = look.line;
    context.fillRect(x, 0, ratio, height);
    context.fillStyle = look.text;
    if (x + 40 * ratio < width) context.fillText(clock(n * step), x + 4 * ratio, height / 2);
  }
}
