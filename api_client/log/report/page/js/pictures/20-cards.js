// A card a picture; the pictures themselves lie beside the page and are loaded when they come into sight.

const CARDS = 60;

function newCards({ onOpen }) {
  const list = byId("gallery");
  const more = byId("more");
  let pictures = [];
  let shown = 0;

  more.addEventListener("click", () => {
    const next = shown;
    extend();
    list.children[next]?.firstChild.focus();
  });

  function show(passed) {
    pictures = passed;
    shown = 0;
    list.replaceChildren();
    extend();
  }

  function extend() {
    list.append(...pictures.slice(shown, shown + CARDS).map((_, i) => newCard(shown + i)));
    shown = Math.min(pictures.length, shown + CARDS);
    more.hidden = shown === pictures.length;
  }

  function newCard(place) {
    const { number, found } = pictures[place];
    const { name, href } = page.pictures[number];
    const item = document.createElement("li");
    const button = document.createElement("button");
    const [title, detail] = [document.createElement("span"), document.createElement("small")];
    button.type = "button";
    button.id = `picture-${number}`;
    title.textContent = name;
    detail.textContent = found.map(described).join(", ") || "nothing";
    if (href) {
      const picture = document.createElement("img");
      Object.assign(picture, { loading: "lazy", decoding: "async", alt: "", src: href });
      button.append(picture);
    }
    button.append(title, detail);
    button.addEventListener("click", () => onOpen(pictures, place));
    item.append(button);
    return item;
  }

  return { show };
}
