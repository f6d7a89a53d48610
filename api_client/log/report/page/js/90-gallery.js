// The best look at each object that passes the filter.

const CARDS = 48;

function newGallery({ onGo }) {
  const list = byId("gallery");
  const more = byId("more");
  const cards = new Map(); // kept, so that a picture is read once
  let tracks = [];
  let shown = 0;

  more.addEventListener("click", () => {
    const next = shown;
    extend();
    list.children[next]?.firstChild.focus();
  });

  function show(counts) {
    tracks = page.tracks.filter((track, i) => counts.tracks.detections[i + 1] && crops[track.id]);
    const all = page.tracks.filter((_, i) => counts.tracks.detections[i + 1]).length;
    byId("objects-note").textContent = note(all, tracks.length);
    tracks.sort((a, b) =>
      counts.words.frames[b.word] - counts.words.frames[a.word] || a.word - b.word || a.id - b.id);
    const first = tracks.slice(0, CARDS);
    if (shown !== first.length || first.some((track, i) => list.children[i] !== cards.get(track))) {
      list.replaceChildren();
      shown = 0;
      extend();
    }
    more.hidden = shown === tracks.length;
  }

  function extend() {
    list.append(...tracks.slice(shown, shown + CARDS).map(cardOf));
    shown = Math.min(tracks.length, shown + CARDS);
    more.hidden = shown === tracks.length;
  }

  function cardOf(track) {
    if (!cards.has(track)) cards.set(track, newCard(track));
    return cards.get(track);
  }

  function newCard(track) {
    const name = `${page.words[track.word].name} #${track.id}`;
    const item = document.createElement("li");
    const button = document.createElement("button");
    const [title, detail] = [document.createElement("span"), document.createElement("small")];
    button.type = "button";
    title.textContent = name;
    detail.textContent = `${Math.round(track.best_confidence * 100)} % at ${clock(track.best_seconds)}`;
    const picture = document.createElement("img");
    Object.assign(picture, { src: `data:image/jpeg;base64,${crops[track.id]}`, alt: "", decoding: "async" });
    button.append(picture, title, detail);
    button.addEventListener("click", () => onGo.best(track, name));
    item.append(button);
    return item;
  }

  return { show };
}

function note(all, withPicture) {
  if (!page.is_tracked) return "Objects were not followed in this job.";
  if (all === 0) return "No object passes the filter.";
  const rest = all - withPicture;
  return `The best look at each${rest ? `; ${many(rest, "object has", "objects have")} no picture here` : ""}.`;
}
