// The replay: seek by marks, ten seconds back or forth, speed, and where we are on the track.
// Only SVG attributes are set, never styles, so the page's policy can forbid inline styles.
const TRACK_WIDTH = 1000;
const SVG = "http://www.w3.org/2000/svg";
const SPEEDS = [1, 1.5, 2, 0.5];
const USUAL_MARK_MS = 8000;

class Player {
  constructor(figure) {
    this.video = figure.querySelector("video");
    this.track = figure.querySelector("[data-track]");
    this.needle = figure.querySelector("[data-now]");
    this.marks = [...figure.querySelectorAll("[data-mark]")].map((link) => new Mark(link));
    this.listen(figure);
    if (this.video.readyState > 0) this.draw();
  }

  listen(figure) {
    const keys = figure.querySelector("[data-keys]");
    keys.hidden = false;
    for (const key of keys.querySelectorAll("[data-skip]")) {
      key.addEventListener("click", () => this.seek(this.video.currentTime + Number(key.dataset.skip)));
    }
    const speed = keys.querySelector("[data-speed]");
    speed.addEventListener("click", () => this.nextSpeed(speed));
    this.track.addEventListener("click", (event) => this.seekOnTrack(event));
    for (const mark of this.marks) mark.link.addEventListener("click", (event) => this.play(event, mark));
    this.video.addEventListener("play", () => document.dispatchEvent(new CustomEvent("exhibit-opened", { detail: "REPLAY" })), { once: true });
    this.video.addEventListener("loadedmetadata", () => this.draw());
    this.video.addEventListener("timeupdate", () => this.show());
    this.video.addEventListener("seeked", () => this.show());
  }

  seek(seconds) {
    const end = Number.isFinite(this.video.duration) ? this.video.duration : Infinity;
    this.video.currentTime = Math.min(Math.max(seconds, 0), end);
  }

  seekOnTrack(event) {
    const box = this.track.getBoundingClientRect();
    if (Number.isFinite(this.video.duration)) this.seek(((event.clientX - box.left) / box.width) * this.video.duration);
  }

  play(event, mark) {
    event.preventDefault();
    this.seek(mark.start / 1000);
    this.video.play().catch(() => {}); // a browser may ask for a second tap; the picture is there
    this.video.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  nextSpeed(button) {
    const speed = SPEEDS[(SPEEDS.indexOf(this.video.playbackRate) + 1) % SPEEDS.length];
    this.video.playbackRate = speed;
    button.textContent = `${speed}×`;
  }

  x(milliseconds) {
    return (TRACK_WIDTH * milliseconds) / (this.video.duration * 1000);
  }

  draw() {
    if (!Number.isFinite(this.video.duration)) return;
    this.track.querySelectorAll(".track-mark").forEach((old) => old.remove());
    for (const mark of this.marks) mark.bar = this.bar(mark);
    this.show();
  }

  bar(mark) {
    const bar = document.createElementNS(SVG, "rect");
    const width = Math.max(this.x(mark.end - mark.start), 6);
    const place = { class: "track-mark", x: this.x(mark.start), y: 6, width, height: 16 };
    for (const [name, value] of Object.entries(place)) bar.setAttribute(name, value);
    this.track.insertBefore(bar, this.needle);
    return bar;
  }

  show() {
    const now = this.video.currentTime * 1000;
    if (Number.isFinite(this.video.duration)) this.needle.setAttribute("x", this.x(now));
    const current = this.marks.filter((mark) => mark.start - 250 <= now && now < mark.end).pop();
    for (const mark of this.marks) mark.light(mark === current);
  }
}

class Mark {
  constructor(link) {
    this.link = link;
    this.start = Number(link.dataset.mark);
    this.end = Number(link.dataset.markEnd) || this.start + USUAL_MARK_MS;
    this.bar = null;
  }

  light(on) {
    if (on) this.link.setAttribute("aria-current", "true");
    else this.link.removeAttribute("aria-current");
    this.bar?.classList.toggle("on", on);
  }
}

document.querySelectorAll("[data-player]").forEach((figure) => new Player(figure));
