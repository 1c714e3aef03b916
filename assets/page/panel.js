// Draw by the trained Gs: G, the better one, is {z_size, z_categories, alpha, weights}, the weights in half precision and
// base64; PLAIN, Part 1's, is the same without categories.
function floats(text) {  // half precision, in base64, to Float32Array
  const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0)), halves = new Uint16Array(bytes.buffer);
  return Float32Array.from(halves, h => {
    const sign = h & 0x8000 ? -1 : 1, exponent = (h >> 10) & 31, fraction = h & 1023;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * fraction / 1024);
  });
}
for (const g of [G, PLAIN]) g.layers = g.weights.map(floats);

function generate(z, {alpha, layers: [kernel, bias, outKernel, outBias]} = G) {  // an image, 784 numbers from -1 to 1: section 4
  const image = Float32Array.from(outBias), units = bias.length;
  for (let unit = 0; unit < units; unit++) {
    let sum = bias[unit];
    for (let i = 0; i < z.length; i++) if (z[i]) sum += z[i] * kernel[i * units + unit];
    const hidden = Math.max(alpha * sum, sum);
    for (let p = 0, k = unit * 784; p < 784; p++, k++) image[p] += hidden * outKernel[k];
  }
  return image.map(Math.tanh);
}

function paint(canvas, x, image) {
  const pixels = new ImageData(28, 28);
  image.forEach((v, p) => pixels.data.set([127.5 * (v + 1), 127.5 * (v + 1), 127.5 * (v + 1), 255], 4 * p));
  canvas.getContext("2d").putImageData(pixels, x, 0);
}

const z = new Float32Array(G.z_size), thumbnails = [], sliders = [];
let chosen = null, before = null, drawing = 0;
const category = () => G.z_categories ? z.indexOf(1) : -1;
const idle = window.requestIdleCallback || (work => setTimeout(() => work({timeRemaining: () => 8}), 1));

function drawRest() {  // thumbnails and the row between, in idle time, a few at a time
  const round = ++drawing, work = [];
  thumbnails.forEach((button, k) => work.push(() => {
    const other = Float32Array.from(z);
    other.fill(0, 0, G.z_categories)[k] = 1;
    paint(button.firstChild, 0, generate(other));
  }));
  for (let i = 0; i <= 10; i++)
    work.push(() => paint(byId("between"), 28 * i, generate(z.map((v, j) => before[j] + (v - before[j]) * i / 10))));
  const go = deadline => {
    if (round !== drawing) return;
    do work.shift()(); while (work.length && deadline.timeRemaining() > 2);
    byId("between").setAttribute("aria-busy", work.length > 0);
    if (work.length) idle(go, {timeout: 100});
  };
  byId("between").setAttribute("aria-busy", true);
  idle(go, {timeout: 100});
}

function show() {  // the large digit at once
  paint(byId("digit"), 0, generate(z));
  const on = category();
  thumbnails.forEach((button, k) => {
    button.setAttribute("aria-checked", k === on);
    button.tabIndex = k === on ? 0 : -1;
  });
  const [english, chinese] = on < 0 ? ["digit", "数字"] :
    [`category ${on + 1} of ${G.z_categories}`, `类别 ${on + 1}，共 ${G.z_categories} 个`];
  byId("digit-label").innerHTML = both(english, chinese);
  drawRest();
}

function choose() {  // what is shown becomes the chosen vector, and the address says it
  if (chosen && chosen.every((v, i) => v === z[i])) return;
  before = chosen || Float32Array.from(z);
  chosen = Float32Array.from(z);
  const numbers = Array.from(z.subarray(G.z_categories), v => +v.toFixed(2));
  setAddress(page.lang, [G.z_categories ? category() + 1 : 0, ...numbers].join(","));
  show();
}

function tellValue(slider) {
  slider.nextSibling.textContent = (+slider.value).toFixed(2).replace("-", "−");
}

function walk() {  // by Part 1's G, between two random vectors
  const [from, to] = [0, 1].map(() => Float32Array.from({length: PLAIN.z_size}, () => 2 * Math.random() - 1));
  for (let i = 0; i <= 10; i++)
    paint(byId("walk"), 28 * i, generate(from.map((v, j) => v + (to[j] - v) * i / 10), PLAIN));
}

function setCategory(k) {
  if (G.z_categories) z.fill(0, 0, G.z_categories)[k] = 1;
}

function setCode(numbers) {
  numbers.forEach((v, i) => z[G.z_categories + i] = v);
  sliders.forEach((slider, i) => {
    slider.value = z[G.z_categories + i];
    tellValue(slider);
  });
}

function fromAddress() {  // tell whether the address had a vector of this G
  const [k, ...numbers] = (address().z || "").split(",").map(Number);
  const fits = numbers.length === G.z_size - G.z_categories && numbers.every(v => Math.abs(v) <= 1);
  if (!fits || (G.z_categories && !(Number.isInteger(k) && k > 0 && k <= G.z_categories))) return false;
  setCategory(k - 1);
  setCode(numbers);
  return true;
}

for (let k = 0; k < G.z_categories; k++) {
  const button = document.createElement("button"), canvas = document.createElement("canvas");
  Object.assign(canvas, {width: 28, height: 28});
  button.className = "category";
  button.setAttribute("role", "radio");
  button.setAttribute("aria-label", `category ${k + 1}`);
  button.append(canvas);
  button.onclick = () => { setCategory(k); choose(); };
  button.onkeydown = event => {
    const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (!step) return;
    event.preventDefault();
    const next = thumbnails[(k + step + G.z_categories) % G.z_categories];
    next.focus();
    next.click();
  };
  thumbnails.push(button);
  byId("categories").append(button);
}
for (let d = 0; d < Math.min(10, G.z_size - G.z_categories); d++) {
  const label = document.createElement("label"), slider = document.createElement("input");
  Object.assign(slider, {type: "range", min: -1, max: 1, step: 0.01});
  slider.oninput = () => { z[G.z_categories + d] = slider.value; tellValue(slider); show(); };
  slider.onchange = choose;
  label.append(d + 1, slider, document.createElement("output"));
  sliders.push(slider);
  byId("sliders").append(label);
}
byId("category-part").hidden = !G.z_categories;
byId("sliders").hidden = !sliders.length;
byId("random").onclick = () => {
  setCategory(Math.floor(Math.random() * G.z_categories));
  setCode(Array.from({length: G.z_size - G.z_categories}, () => 2 * Math.random() - 1));
  choose();
};
byId("reset").onclick = () => {
  setCode(sliders.map(() => 0));
  choose();
};
byId("walk-again").onclick = walk;
addEventListener("hashchange", () => fromAddress() && choose());

setCategory(0);
setCode(new Array(G.z_size - G.z_categories).fill(0));
before = chosen = Float32Array.from(z);
if (fromAddress()) chosen = before = Float32Array.from(z);
byId("panel").hidden = false;
walk();
show();
