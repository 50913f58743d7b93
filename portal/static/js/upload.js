// Sends each chosen file at once, shows how far it is, and compares fingerprints: this device
// hashes what it read, the server hashes what it received. Without this script the same inputs
// travel with the form.
const ENGLISH = document.documentElement.lang.startsWith("en");
const SAY = ENGLISH
  ? { wait: "Waiting", both: "same on both ends", sum: "Fingerprint", got: "Received", differ: "The file was damaged on the way. Please send it again.", lost: "The connection was lost. Please choose the file again.", failed: "This file could not be received.", remove: "Remove" }
  : { wait: "等待上传", both: "两端一致", sum: "指纹", got: "已收到", differ: "文件在途中损坏了，请重新上传。", lost: "网络断开，请重新选择这个文件。", failed: "没能收下这个文件。", remove: "移除" };
// Hashing needs the whole file in memory; a phone has that for photos, not for long videos.
const HASHED_HERE_BYTES = 64 * 1024 * 1024;

const short = (digest) => `${digest.slice(0, 4)}…${digest.slice(-4)}`;

async function fingerprint(file) {
  if (!globalThis.crypto?.subtle || file.size > HASHED_HERE_BYTES) return null;
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

class Row {
  constructor(box, file) {
    this.node = box.querySelector("[data-file-row]").content.cloneNode(true).firstElementChild;
    this.at("[data-name]").textContent = file.name;
    this.say(SAY.wait);
    if (file.type.startsWith("image/")) this.picture(URL.createObjectURL(file));
    box.querySelector("[data-files]").append(this.node);
  }

  at(selector) {
    return this.node.querySelector(selector);
  }

  say(text, state) {
    this.at("[data-state]").textContent = text;
    if (state) this.node.classList.add(state);
  }

  picture(source) {
    const image = Object.assign(new Image(72, 56), { src: source, alt: "" });
    image.addEventListener("error", () => image.remove());
    this.at("[data-picture]").replaceChildren(image);
  }

  progress(share) {
    this.at("[data-progress]").value = share * 100;
    this.say(`${Math.floor(share * 100)}%`);
  }

  fail(text) {
    this.at("[data-progress]").hidden = true;
    this.say(text, "bad");
  }

  finish(answer, own) {
    this.at("[data-progress]").hidden = true;
    if (own && own !== answer.sha256) return this.say(SAY.differ, "bad");
    this.say(`${SAY.sum} ${short(answer.sha256)} ${own ? SAY.both : SAY.got}`, "ok");
    this.at("[data-state]").title = answer.sha256;
    if (answer.picture_url) this.picture(answer.picture_url);
    if (answer.remove_url) this.offerRemoval(answer);
    if (answer.id) this.node.append(Object.assign(document.createElement("input"), { type: "hidden", name: "uploaded", value: answer.id }));
    return undefined;
  }

  offerRemoval(answer) {
    const button = Object.assign(document.createElement("button"), { type: "submit", className: "linkbtn", textContent: SAY.remove, formNoValidate: true });
    button.setAttribute("formaction", answer.remove_url);
    this.at("[data-remove]").append(button);
  }
}

function send(box, input, file, row) {
  const token = box.closest("form")?.querySelector("[name=csrf_token]")?.value ?? "";
  const body = new FormData();
  body.append("csrf_token", token);
  body.append(input.name, file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", box.dataset.upload);
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", token);
    request.upload.addEventListener("progress", (event) => event.lengthComputable && row.progress(event.loaded / event.total));
    request.addEventListener("error", () => reject(new Error(SAY.lost)));
    request.addEventListener("load", () => {
      if (request.status < 300 && request.response?.sha256) resolve(request.response);
      else reject(new Error(request.response?.message || SAY.failed));
    });
    request.send(body);
  });
}

async function receive(box, input, file) {
  const row = new Row(box, file);
  try {
    const [answer, own] = await Promise.all([send(box, input, file, row), fingerprint(file).catch(() => null)]);
    row.finish(answer, own);
  } catch (error) {
    row.fail(error.message);
  }
}

class Box {
  constructor(box) {
    this.box = box;
    this.busy = 0;
    for (const input of box.querySelectorAll("input[type=file]")) input.addEventListener("change", () => this.take(input));
    box.closest("form")?.addEventListener("submit", (event) => this.hold(event));
  }

  async take(input) {
    const files = [...input.files];
    input.value = ""; // sent here, so it must not travel with the form again
    this.busy += 1;
    for (const file of files) await receive(this.box, input, file); // one at a time: phones share a thin line
    this.busy -= 1;
  }

  // Leaving now would lose a file that is still on its way.
  hold(event) {
    if (!this.busy) return;
    event.preventDefault();
    this.box.scrollIntoView({ block: "center" });
  }
}

document.querySelectorAll("[data-upload]").forEach((box) => new Box(box));
