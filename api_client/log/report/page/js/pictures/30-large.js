// One picture as large as the window takes.

function newLarge() {
  const dialog = byId("large");
  let pictures = [];
  let place = 0;

  function show() {
    const { number, found } = pictures[place];
    const { name, href } = page.pictures[number];
    byId("large-title").textContent = name;
    byId("large-found").textContent = found.map(described).join(", ") || "nothing";
    byId("large-picture").hidden = !href;
    if (href) Object.assign(byId("large-picture"), { src: href, alt: `Annotated picture ${name}` });
    byId("earlier").disabled = place === 0;
    byId("later").disabled = place === pictures.length - 1;
  }

  function step(by) {
    if (!pictures[place + by]) return;
    place += by;
    show();
  }

  byId("earlier").addEventListener("click", () => step(-1));
  byId("later").addEventListener("click", () => step(1));
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "ArrowRight") step(1);
  });
  dialog.addEventListener("close", () => byId(`picture-${pictures[place].number}`)?.focus());

  return {
    open(among, at) {
      [pictures, place] = [among, at];
      show();
      dialog.showModal();
    },
  };
}
