// Opens exhibits full screen, with zoom and two side by side, from either party. Without it each
// tile opens its file.
const ENGLISH = document.documentElement.lang.startsWith("en");

// A tile may lead to a page of its own for those without scripts.
const fileOf = (link) => link.dataset.src ?? link.href;

class Viewer {
  constructor(gallery) {
    this.own = [...gallery.querySelectorAll("li")];
    this.all = [...document.querySelectorAll("[data-gallery] > li")];
    this.dialog = document.querySelector(`[data-viewer="${gallery.dataset.gallery}"]`);
    this.panes = this.dialog.querySelector("[data-panes]");
    this.shown = [];
    this.listen();
  }

  listen() {
    const on = (selector, act) => {
      for (const key of this.dialog.querySelectorAll(selector)) key.addEventListener("click", () => act(key));
    };
    for (const tile of this.own) tile.querySelector("a").addEventListener("click", (event) => this.open(event, tile));
    on("[data-close]", () => this.dialog.close());
    on("[data-step]", (key) => this.step(Number(key.dataset.step)));
    on("[data-zoom]", () => this.zoom());
    on("[data-compare]", () => this.compare());
    this.dialog.addEventListener("close", () => this.panes.replaceChildren());
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.querySelector("[data-compare]").hidden = this.all.length < 2;
  }

  open(event, tile) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.shown = [tile];
    this.draw();
    this.dialog.showModal();
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && !["VIDEO", "SELECT"].includes(event.target.tagName)) this.step(step);
  }

  step(by) {
    const place = this.own.indexOf(this.shown[0]);
    this.shown[0] = this.own[(place + by + this.own.length) % this.own.length];
    this.draw();
  }

  // The other party's first exhibit is what one wants to hold beside this one.
  compare() {
    const other = this.all.find((tile) => !this.own.includes(tile)) ?? this.all.find((tile) => tile !== this.shown[0]);
    this.shown = this.shown.length === 2 ? [this.shown[0]] : [this.shown[0], other];
    this.draw();
  }

  draw() {
    const both = this.shown.length === 2;
    this.panes.replaceChildren(...this.shown.map((tile, place) => this.pane(tile, place, both)));
    this.panes.classList.toggle("both", both);
    this.dialog.querySelector("[data-compare]").setAttribute("aria-pressed", both);
    this.dialog.querySelector("[data-zoom]").setAttribute("aria-pressed", "false");
    const place = this.own.indexOf(this.shown[0]);
    this.dialog.querySelector("[data-place]").textContent = place < 0 || both ? "" : `${place + 1}/${this.own.length}`;
    if (both) this.tie();
  }

  pane(tile, place, both) {
    const pane = document.createElement("div");
    const frame = document.createElement("div");
    const facts = tile.querySelector(".gal-facts").cloneNode(true);
    pane.className = "viewer-pane";
    frame.className = "viewer-frame";
    frame.tabIndex = 0;
    facts.className = "viewer-facts";
    facts.hidden = false;
    frame.append(this.content(tile));
    document.dispatchEvent(new CustomEvent("exhibit-opened", { detail: tile.id.replace("exhibit-", "") }));
    pane.append(...(both ? [this.picker(tile, place)] : []), frame, facts);
    return pane;
  }

  content(tile) {
    const link = tile.querySelector("a");
    const kind = link.dataset.kind;
    const picture = link.querySelector("img")?.src;
    if (kind === "video") return Object.assign(document.createElement("video"), { src: fileOf(link), controls: true, playsInline: true });
    const source = kind === "pdf" ? picture : fileOf(link);
    if (!source) return this.fileLink(link);
    return this.image(source, picture, link.textContent.trim());
  }

  // Few browsers draw HEIC; the preview is drawn by all.
  image(source, preview, alt) {
    const image = Object.assign(new Image(), { src: source, alt });
    if (preview) image.addEventListener("error", () => { image.src = preview; }, { once: true });
    return image;
  }

  // A document without a preview is opened by itself; framing it would need a weaker policy.
  fileLink(link) {
    const open = Object.assign(document.createElement("a"), { href: fileOf(link), target: "_blank", rel: "noopener" });
    open.textContent = ENGLISH ? "Open the file" : "打开文件";
    return open;
  }

  picker(tile, place) {
    const select = document.createElement("select");
    select.className = "inp";
    select.setAttribute("aria-label", ENGLISH ? "Exhibit shown here" : "这一侧显示的凭证");
    this.all.forEach((one, number) => select.add(new Option(one.querySelector(".gal-name").textContent.trim(), number, false, one === tile)));
    select.addEventListener("change", () => { this.shown[place] = this.all[Number(select.value)]; this.draw(); });
    return select;
  }

  zoom() {
    const frames = [...this.panes.querySelectorAll(".viewer-frame")];
    const on = !frames[0].classList.contains("zoom");
    frames.forEach((frame) => frame.classList.toggle("zoom", on));
    this.dialog.querySelector("[data-zoom]").setAttribute("aria-pressed", on);
  }

  // Both pictures show the same place: the share scrolled, since their sizes differ.
  tie() {
    const [first, second] = this.panes.querySelectorAll(".viewer-frame");
    const follow = (leader, follower) => leader.addEventListener("scroll", () => {
      if (!leader.matches(":hover, :focus")) return;
      const share = (side, length) => leader[side] / Math.max(leader[length[0]] - leader[length[1]], 1);
      follower.scrollTop = share("scrollTop", ["scrollHeight", "clientHeight"]) * (follower.scrollHeight - follower.clientHeight);
      follower.scrollLeft = share("scrollLeft", ["scrollWidth", "clientWidth"]) * (follower.scrollWidth - follower.clientWidth);
    });
    follow(first, second);
    follow(second, first);
  }
}

document.querySelectorAll("[data-gallery]").forEach((gallery) => new Viewer(gallery));
