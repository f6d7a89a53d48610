// What passes the filter in each picture.

const PERCENT = (confidence) => `${(confidence + 1) >> 1} %`;

/** The boxes of a picture that pass, as [word, best confidence, how many], best first. */
function foundIn(log, filter, counts, picture) {
  const found = new Map();
  for (let box = log.firstBox[picture]; box < log.firstBox[picture + 1]; box++) {
    const [word, confidence] = [log.word[box], log.confidence[box]];
    if (confidence < filter.leastConfidence || !counts.allowed[word]) continue;
    const known = found.get(word) || [word, 0, 0];
    found.set(word, [word, Math.max(known[1], confidence), known[2] + 1]);
  }
  return [...found.values()].sort((a, b) => b[1] - a[1]);
}

const described = ([word, confidence, many]) =>
  `${many > 1 ? `${many} × ` : ""}${page.words[word].name} ${PERCENT(confidence)}`;

/** The pictures to be shown, by their numbers, with what is found in each. */
function passing(log, filter, counts) {
  const wanted = filter.file.trim().toLowerCase();
  const shown = [];
  page.pictures.forEach(({ name }, number) => {
    if (wanted && !name.toLowerCase().includes(wanted)) return;
    const found = foundIn(log, filter, counts, number);
    if (found.length || filter.withEmpty) shown.push({ number, found });
  });
  return shown;
}
