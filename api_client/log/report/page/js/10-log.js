// The log as typed arrays: one entry a frame, or one a box, and for each word and track where its boxes are.

const byId = (id) => document.getElementById(id);
const page = JSON.parse(byId("data").textContent);
const crops = JSON.parse(byId("crops").textContent);

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

function columnsOf(buffer) {
  const view = new DataView(buffer);
  let at = 0;
  const column = (Kind, count) => {
    const values = new Kind(count);
    const size = Kind.BYTES_PER_ELEMENT;
    const read = size === 4 ? "getUint32" : size === 2 ? "getUint16" : "getUint8";
    for (let i = 0; i < count; i++) values[i] = view[read](at + i * size, true);
    at += count * size;
    return values;
  };
  return {
    timeSteps: column(Uint32Array, page.frames),
    track: column(Uint32Array, page.boxes),
    boxesInFrame: column(Uint16Array, page.frames),
    word: column(Uint16Array, page.boxes),
    confidence: column(Uint8Array, page.boxes),
    interpolated: column(Uint8Array, page.boxes),
  };
}

/** Boxes in order of a key: those of key k are `boxes[start[k]]` up to `boxes[start[k + 1]]`, by frame. */
function grouped(keys, keyCount) {
  const start = new Uint32Array(keyCount + 1);
  for (let i = 0; i < keys.length; i++) start[keys[i] + 1]++;
  for (let k = 0; k < keyCount; k++) start[k + 1] += start[k];
  const next = start.slice();
  const boxes = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) boxes[next[keys[i]]++] = i;
  return { start, boxes };
}

async function readLog() {
  const columns = columnsOf(await unpacked(byId("columns").textContent));
  const { timeSteps, boxesInFrame, track, word, confidence, interpolated } = columns;
  const seconds = new Float64Array(page.frames);
  const firstBox = new Uint32Array(page.frames + 1);
  const frame = new Uint32Array(page.boxes);
  let ticks = 0;
  for (let f = 0; f < page.frames; f++) {
    ticks += timeSteps[f];
    seconds[f] = ticks / page.times_per_second;
    firstBox[f + 1] = firstBox[f] + boxesInFrame[f];
    frame.fill(f, firstBox[f], firstBox[f + 1]);
  }
  return {
    seconds, firstBox, frame, track, word, confidence, interpolated,
    endSeconds: (page.frames ? seconds[page.frames - 1] : 0) + page.seconds_per_frame,
    byWord: grouped(word, page.words.length),
    byTrack: grouped(track, page.tracks.length + 1),
  };
}

/** How many numbers of a sorted array are smaller than, or with `orEqual` at most, a value. */
function countBelow(sorted, value, orEqual = false) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value || (orEqual && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
