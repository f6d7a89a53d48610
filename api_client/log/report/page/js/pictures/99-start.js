// Puts the parts together: a change of the filter counts again, once a frame of the display.

const WORDS_SHOWN = 200;

async function start() {
  const log = await readLog();
  const filter = { ...newFilter(log), file: "", withEmpty: false };
  const least = log.confidence.reduce((least, value) => Math.min(least, value), 200) >> 1;
  const large = newLarge();
  const cards = newCards({ onOpen: large.open });
  let isDue = false;

  function takeConfidence() {
    const slider = byId("confidence");
    filter.leastConfidence = 2 * slider.value;
    byId("confidence-value").textContent = `${slider.value} %`;
    slider.setAttribute("aria-valuetext", `${slider.value} percent`);
  }

  function showWords() {
    const all = count(log, { ...filter, text: "" }).words;
    const found = page.words.map((word, key) => ({ word, pictures: all.frames[key] })).filter((row) => row.pictures);
    found.sort((a, b) => b.pictures - a.pictures || (a.word.name < b.word.name ? -1 : 1));
    byId("words").replaceChildren(...found.slice(0, WORDS_SHOWN).map(({ word, pictures }) => {
      const [item, button, mark] = ["li", "button", "i"].map((kind) => document.createElement(kind));
      const isChosen = filter.text.trim().toLowerCase() === word.name.toLowerCase();
      button.type = "button";
      button.setAttribute("aria-pressed", isChosen);
      mark.style.background = word.colour;
      button.append(mark, `${word.name} ${pictures.toLocaleString("en")}`);
      button.addEventListener("click", () => {
        byId("word").value = filter.text = isChosen ? "" : word.name;
        refresh();
        [...byId("words").querySelectorAll("button")].find((one) => one.textContent === button.textContent)?.focus();
      });
      item.append(button);
      return item;
    }));
  }

  function refresh() {
    isDue = false;
    const counts = count(log, filter);
    const passed = passing(log, filter, counts);
    byId("counts").textContent = [
      many(counts.detections, "detection", "detections"),
      many(counts.words.detections.reduce((sum, value) => sum + (value > 0), 0), "word", "words"),
      `in ${many(counts.frames, "picture", "pictures")}`, `${passed.length.toLocaleString("en")} shown`,
    ].join(", ");
    showWords();
    cards.show(passed);
  }

  function changed() {
    if (!isDue) { isDue = true; requestAnimationFrame(refresh); }
  }

  byId("totals").textContent = [
    many(page.frames, "picture", "pictures"), `${page.frames_looked_at.toLocaleString("en")} looked at`,
  ].join(" · ");
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("word").addEventListener("input", () => { filter.text = byId("word").value; changed(); });
  byId("file").addEventListener("input", () => { filter.file = byId("file").value; changed(); });
  byId("empty").addEventListener("change", () => { filter.withEmpty = byId("empty").checked; changed(); });
  byId("confidence").addEventListener("input", () => { takeConfidence(); changed(); });
  byId("confidence").min = byId("confidence").value = log.confidence.length ? least : 0;
  takeConfidence();
  refresh();
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  byId("trouble").hidden = false;
  byId("trouble").textContent = typeof DecompressionStream === "undefined"
    ? "This browser is too old to read the log in this page: use one of 2023 or later."
    : `The log in this page cannot be read: ${error.message}`;
});
