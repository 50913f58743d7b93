// Keeps the words of every deadline fresh. The server's clock counts, not this device's: the page
// says what time it was when it was made, and only the time passed since then is measured here.
const ENGLISH = document.documentElement.lang.startsWith("en");
const REFRESH_MS = 30_000;
const ANNOUNCED_MINUTES = [1440, 60, 10];

const unit = (number, zh, en) => (ENGLISH ? `${number} ${en}${number === 1 ? "" : "s"}` : `${number} ${zh}`);

function span(minutes) {
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = minutes % 60;
  const words = [];
  if (days) words.push(unit(days, "天", "day"));
  if (hours) words.push(unit(hours, "小时", "hour"));
  if (!days && (rest || !hours)) words.push(unit(rest, "分钟", "minute"));
  return words.join(" ");
}

function words(seconds) {
  if (seconds < 0) return ENGLISH ? "Time is up" : "时间已到";
  const left = seconds < 600 ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : span(Math.floor(seconds / 60));
  return ENGLISH ? `${left} left` : `还有 ${left}`;
}

function announce(box, before, after) {
  const crossed = ANNOUNCED_MINUTES.some((mark) => before > mark * 60 && after <= mark * 60);
  if (crossed || (before >= 0 && after < 0)) document.getElementById("announce").textContent = words(after);
}

function watch(box) {
  const due = Date.parse(box.dataset.due);
  const started = Date.parse(box.dataset.now);
  const since = Date.parse(box.dataset.since);
  const drawn = performance.now();
  let last = Math.floor((due - started) / 1000);

  function refresh() {
    const now = started + (performance.now() - drawn);
    const seconds = Math.floor((due - now) / 1000);
    box.querySelector("[role=timer]").textContent = words(seconds);
    if (seconds < 0 || (due - now) * 10 < due - since) box.classList.add("late");
    announce(box, last, seconds);
    last = seconds;
    if (seconds >= 0) setTimeout(refresh, seconds <= 630 ? 1000 : REFRESH_MS);
  }
  refresh();
}

document.querySelectorAll("[data-due]").forEach(watch);
