// Which rows the timeline has: words that pass the filter, and below an opened one its objects.

const SORTED_BY = {
  name: (row) => row.name.toLowerCase(),
  objects: (row) => row.objects, frames: (row) => row.frames, first: (row) => row.first, last: (row) => row.last,
};

const rowOf = (counts, key, rest) => ({
  ...rest, key, frames: counts.frames[key], objects: counts.objects[key],
  first: counts.first[key], last: counts.last[key],
});

function tracksByWord() {
  const found = page.words.map(() => []);
  page.tracks.forEach((track, index) => found[track.word].push(index + 1));
  return found;
}

function visibleRows(counts, opened, order, ofWord) {
  const shown = page.words.map((word, key) => ({ word, key })).filter(({ key }) => counts.words.detections[key]);
  const rows = shown.map(({ word, key }) =>
    rowOf(counts.words, key, { name: word.name, colour: word.colour, isTrack: false, word: key }));
  return sorted(rows, order).flatMap((row) =>
    opened.has(row.key) ? [row, ...sorted(trackRows(counts, row, ofWord[row.key]), order)] : [row]);
}

function trackRows(counts, row, keys) {
  return keys.filter((key) => counts.tracks.detections[key]).map((key) => rowOf(counts.tracks, key, {
    name: `#${page.tracks[key - 1].id}`, fullName: `${row.name} #${page.tracks[key - 1].id}`,
    colour: row.colour, isTrack: true, word: row.key,
  }));
}

function sorted(rows, { by, falling }) {
  const value = SORTED_BY[by];
  const sign = falling ? -1 : 1;
  const keyed = rows.map((row) => ({ row, value: value(row) }));
  keyed.sort((a, b) => (a.value < b.value ? -sign : a.value > b.value ? sign : a.row.key - b.row.key));
  return keyed.map(({ row }) => row);
}

/** The boxes of a row as [index of boxes, first, end], by frame. */
function boxesOf(log, row) {
  const { start, boxes } = row.isTrack ? log.byTrack : log.byWord;
  return [boxes, start[row.key], start[row.key + 1]];
}

/** Stretches of a row without a pause of more than a second: [first frame, last frame], within the filter. */
function moments(log, filter, row) {
  const [boxes, first, end] = boxesOf(log, row);
  const [firstFrame, endFrame] = framesWithin(log, filter);
  const pause = Math.max(1, 2 * page.every * page.seconds_per_frame);
  const found = [];
  for (let i = first; i < end; i++) {
    const frame = log.frame[boxes[i]];
    if (frame < firstFrame || frame >= endFrame) continue;
    if (log.confidence[boxes[i]] < filter.leastConfidence) continue;
    const last = found[found.length - 1];
    if (last && log.seconds[frame] - log.seconds[last[1]] <= pause) last[1] = frame;
    else found.push([frame, frame]);
  }
  return found;
}
