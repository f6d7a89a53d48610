// What passes the filter, counted per word and per track in one pass over the boxes.

const newFilter = (log) => ({ text: "", leastConfidence: 0, from: page.first_seconds, to: log.endSeconds });

function wordsWith(text) {
  const wanted = text.trim().toLowerCase().split(/\s*,\s*/).filter(Boolean);
  return page.words.map(({ name }) =>
    wanted.length === 0 || wanted.some((part) => name.toLowerCase().includes(part)));
}

const framesWithin = (log, filter) => [
  countBelow(log.seconds, filter.from - 1e-6),
  countBelow(log.seconds, filter.to + 1e-6, true),
];

function newCounts(size) {
  return {
    detections: new Uint32Array(size), frames: new Uint32Array(size), boxes: new Uint32Array(size),
    first: new Int32Array(size).fill(-1), last: new Int32Array(size).fill(-1), objects: new Uint32Array(size),
  };
}

function count(log, filter) {
  const words = newCounts(page.words.length);
  const tracks = newCounts(page.tracks.length + 1);
  const allowed = wordsWith(filter.text);
  const [firstFrame, endFrame] = framesWithin(log, filter);
  let detections = 0;
  let frames = 0;
  for (let f = firstFrame; f < endFrame; f++) {
    const before = detections;
    for (let box = log.firstBox[f]; box < log.firstBox[f + 1]; box++) {
      const word = log.word[box];
      if (log.confidence[box] < filter.leastConfidence || !allowed[word]) continue;
      words.boxes[word]++;
      tracks.boxes[log.track[box]]++;
      if (log.interpolated[box]) continue;
      detections++;
      countOne(words, word, f);
      countOne(tracks, log.track[box], f);
    }
    if (detections > before) frames++;
  }
  page.tracks.forEach((track, index) => { if (tracks.detections[index + 1]) words.objects[track.word]++; });
  return { words, tracks, detections, frames, allowed };
}

function countOne(counts, key, frame) {
  counts.detections[key]++;
  if (counts.last[key] !== frame) counts.frames[key]++;
  if (counts.first[key] < 0) counts.first[key] = frame;
  counts.last[key] = frame;
}
