// A GAN of points in the plane. G makes a point of two random numbers, D judges points; both have two hidden layers of
// tanh units. The losses are those of section 8 without smoothing, both learn by Adam without momentum.
const GAME = {HIDDEN: 16, LATENT: 2, BATCH: 64, BETA2: 0.99, RATE: {D: 0.01, G: 0.001}};

function makeGame(seed, data, {rates = GAME.RATE, points = []} = {}) {  // points: of the user's drawing
  let state = seed, owed = 0;
  const random = () => {  // uniform from 0 to 1: the generator mulberry32
    state = state + 0x6D2B79F5 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const around = ([x, y], width) => [x + width * normal(), y + width * normal()];
  const sigmoid = logit => 1 / (1 + Math.exp(-logit));
  const real = {
    ring: () => { const angle = 2 * Math.PI * random(); return around([Math.cos(angle), Math.sin(angle)], 0.05); },
    blobs: () => around([random() < 0.5 ? -1.2 : 1.2, 0], 0.15),
    draw: () => around(points[Math.floor(points.length * random())], 0.03),
  }[data];
  const latent = () => Array.from({length: GAME.LATENT}, () => 2 * random() - 1);

  function aside(make) {  // to look must not change the game; the same numbers each time, so that fakes are seen to move
    const kept = state;
    state = ~seed;
    const made = make();
    state = kept;
    return made;
  }

  function network(sizes, outGain) {  // a list of layers; p: the kernel, one row per unit, then the biases
    const layers = sizes.slice(1).map((outputs, k) => {
      const inputs = sizes[k], last = k === sizes.length - 2, gain = last ? outGain : 1.5;
      const p = Float64Array.from({length: inputs * outputs}, () => gain * normal() / Math.sqrt(inputs));
      const zeros = n => new Float64Array(n), size = outputs * (inputs + 1);
      return {inputs, outputs, last, p: Float64Array.from({length: size}, (_, i) => i < p.length ? p[i] : 0),
        gradient: zeros(size), v: zeros(size), out: zeros(outputs), slope: zeros(inputs)};
    });
    return {layers, t: 0};
  }
  function forward(net, x) {  // the output; each layer keeps what backward needs
    for (const layer of net.layers) {
      const {inputs, outputs, p, out} = layer;
      layer.x = x;
      for (let o = 0; o < outputs; o++) {
        let sum = p[inputs * outputs + o];
        for (let i = 0; i < inputs; i++) sum += p[o * inputs + i] * x[i];
        out[o] = layer.last ? sum : Math.tanh(sum);
      }
      x = out;
    }
    return x;
  }
  function backward(net, slope) {  // after forward: add to the gradients, return the slope at the input
    for (const {inputs, outputs, last, p, gradient, out, x, slope: slopeX} of [...net.layers].reverse()) {
      slopeX.fill(0);
      for (let o = 0; o < outputs; o++) {
        const inner = last ? slope[o] : slope[o] * (1 - out[o] ** 2);
        gradient[inputs * outputs + o] += inner;
        for (let i = 0; i < inputs; i++) {
          gradient[o * inputs + i] += inner * x[i];
          slopeX[i] += inner * p[o * inputs + i];
        }
      }
      slope = slopeX;
    }
    return slope;
  }
  const forget = net => net.layers.forEach(layer => layer.gradient.fill(0));
  function adam(net, rate) {
    const unbias = 1 - GAME.BETA2 ** ++net.t;
    for (const {p, gradient, v} of net.layers) {
      for (let i = 0; i < p.length; i++) {
        v[i] = GAME.BETA2 * v[i] + (1 - GAME.BETA2) * gradient[i] ** 2;
        p[i] -= rate * gradient[i] / (Math.sqrt(v[i] / unbias) + 1e-8);
      }
    }
    forget(net);
  }
  const {HIDDEN, LATENT, BATCH} = GAME;
  const D = network([2, HIDDEN, HIDDEN, 1], 1), G = network([LATENT, HIDDEN, HIDDEN, 2], 0.1);
  const judge = point => sigmoid(forward(D, point)[0]);
  const push = point => backward(D, [judge(point) - 1]);  // the slope of G's loss, -log D, at a fake
  return {
    dSteps: 0, gSteps: 0, rates: {...rates},
    learnD() {
      for (let n = 0; n < BATCH; n++) {
        backward(D, [(judge(real()) - 1) / BATCH]);
        backward(D, [judge(forward(G, latent())) / BATCH]);
      }
      adam(D, this.rates.D);
      this.dSteps++;
    },
    learnG() {
      for (let n = 0; n < BATCH; n++) backward(G, push(forward(G, latent())).map(slope => slope / BATCH));
      forget(D);  // D only shows the way here
      adam(G, this.rates.G);
      this.gSteps++;
    },
    step(dSteps) {  // less than one: D learns only at some of the steps
      for (owed += dSteps; owed >= 1; owed--) this.learnD();
      this.learnG();
    },
    D: (x, y) => judge([x, y]),
    arrow: point => { const [x, y] = push(point); forget(D); return [-x, -y]; },
    fakes: n => aside(() => Array.from({length: n}, () => Array.from(forward(G, latent())))),
    reals: n => aside(() => Array.from({length: n}, real)),
  };
}

{
  const plot = byId("game-plot"), context = plot.getContext("2d"), play = byId("game-play"), data = byId("game-data");
  const dSteps = byId("game-d-steps"), rateOf = {D: byId("game-rate-d"), G: byId("game-rate-g")};
  const SEED = 5;  // the same start each time, so that settings can be compared; with 5, a collapse is seen early
  const CELLS = 40, EDGE = 2;  // cells along a side; the plane is shown from -2 to 2
  const BLUE = [0, 114, 178], ORANGE = [213, 94, 0];
  const drawing = [];
  let game, reals, playing = false, last = 0, due = 0;  // steps that are due

  const pixel = value => (value + EDGE) / (2 * EDGE) * plot.width;
  function drawVerdicts() {  // white where D says one half
    const size = plot.width / CELLS;
    for (let row = 0; row < CELLS; row++) {
      for (let column = 0; column < CELLS; column++) {
        const at = k => ((k + 0.5) / CELLS * 2 - 1) * EDGE, verdict = 2 * game.D(at(column), -at(row)) - 1;
        const shades = (verdict > 0 ? BLUE : ORANGE).map(shade => 255 + (shade - 255) * 0.7 * Math.abs(verdict));
        context.fillStyle = `rgb(${shades})`;
        context.fillRect(column * size, row * size, size, size);
      }
    }
  }
  function drawPoints(points, color, radius) {
    for (const [x, y] of points) {
      context.beginPath();
      context.arc(pixel(x), pixel(-y), radius, 0, 2 * Math.PI);
      context.fillStyle = color;
      context.fill();
      context.strokeStyle = "#fff";
      context.lineWidth = 1;
      context.stroke();
    }
  }
  function drawArrow([x, y]) {
    const [dx, dy] = game.arrow([x, y]), strength = Math.hypot(dx, dy);
    const length = Math.min(50, 12 * strength), angle = Math.atan2(-dy, dx);  // long ones are cut
    if (length < 6) return;  // it would only hide its point
    context.save();
    context.translate(pixel(x), pixel(-y));
    context.rotate(angle);
    context.beginPath();
    context.moveTo(0, 0);
    context.lineTo(length, 0);
    context.moveTo(length - 5, -4);
    context.lineTo(length, 0);
    context.lineTo(length - 5, 4);
    context.strokeStyle = "#1a1a1a";
    context.lineWidth = 1.8;
    context.stroke();
    context.restore();
  }
  function draw() {
    const fakes = game.fakes(200);
    drawVerdicts();
    drawPoints(data.value === "draw" ? drawing : reals, "#555", 3);
    drawPoints(fakes, "#D55E00", 4);
    fakes.slice(0, 12).forEach(drawArrow);
    const mean = points => (points.reduce((sum, [x, y]) => sum + game.D(x, y), 0) / points.length).toFixed(2);
    const near = count => Math.round(count / fakes.length * 100);
    const onRing = near(fakes.filter(([x, y]) => Math.abs(Math.hypot(x, y) - 1) < 0.2).length);
    const inBlob = [-1.2, 1.2].map(centre => near(fakes.filter(([x, y]) => Math.hypot(x - centre, y) < 0.6).length));
    const where = {
      ring: [` ${onRing}% of the fakes are on the ring.`, `${onRing}% 的假数据在圆环上。`],
      blobs: [` Fakes in the left blob: ${inBlob[0]}%, in the right one: ${inBlob[1]}%.`,
        `左边一团有 ${inBlob[0]}% 的假数据，右边一团有 ${inBlob[1]}%。`],
      draw: drawing.length ? ["", ""] : [" Draw on the plane with the mouse or a finger; it begins as soon as there are points.",
        "用鼠标或手指在平面上画，有了点就开始。"],
    }[data.value];
    const shown = data.value === "draw" ? drawing : reals, onReal = shown.length ? mean(shown) : "–";
    byId("game-text").innerHTML = both(
      `Steps of D: ${game.dSteps}, of G: ${game.gSteps}. On average D says ${onReal} of real points, ${mean(fakes)} of fakes.` +
      where[0],
      `D 走了 ${game.dSteps} 步，G 走了 ${game.gSteps} 步。D 对真实数据的平均输出是 ${onReal}，对假数据是 ${mean(fakes)}。` +
      where[1]);
  }
  const idle = () => data.value === "draw" && !drawing.length;  // nothing to learn from
  const act = move => { if (!idle()) move(); draw(); };
  function setPlaying(on) {
    if (on && !playing) requestAnimationFrame(frame);
    [last, due] = [performance.now(), 1];
    playing = on;
    play.innerHTML = on ? both("Pause", "暂停") : both("Play", "播放");
  }
  function frame(now) {
    if (!playing) return;
    // steps a second: in the first ones most happens, and later ones should be seen, too
    const rate = byId("game-slow").checked ? 5 : game.gSteps < 120 ? 20 : 120;
    due = Math.min(due + Math.max(0, now - last) * rate / 1000, 10);
    last = now;
    const end = performance.now() + 10;  // milliseconds; the rest of the frame is the page's
    if (due >= 1) act(() => { for (; due >= 1 && performance.now() < end; due--) game.step(+dSteps.value); });
    requestAnimationFrame(frame);
  }
  function readRates() { game.rates = {D: +rateOf.D.value, G: +rateOf.G.value}; }
  function again() {
    game = makeGame(SEED, data.value, {points: drawing});
    reals = data.value === "draw" ? drawing : game.reals(200);
    readRates();
    byId("game-clear").hidden = data.value !== "draw";
    plot.style.touchAction = data.value === "draw" ? "none" : "auto";  // a finger draws instead of scrolling
    draw();
  }
  function addPoint(event) {
    if (data.value !== "draw" || !event.buttons) return;
    const box = plot.getBoundingClientRect(), at = (value, length) => (2 * value / length - 1) * EDGE;
    drawing.push([at(event.clientX - box.left, box.width), -at(event.clientY - box.top, box.height)]);
    draw();
  }
  function nameChoices() {  // an option holds text only, so its text is that of the language that is shown
    for (const option of document.querySelectorAll("#game option[data-en]")) {
      const number = isNaN(option.value) ? "" : ` (${option.value})`;
      option.textContent = option.dataset[page.lang === "zh" ? "zh" : "en"] + number;
    }
  }
  const onMove = (id, move) => byId(id).onclick = () => { setPlaying(false); act(move); };
  onMove("game-step", () => game.step(+dSteps.value));
  const ten = learn => { for (let k = 0; k < 10; k++) learn(); };
  onMove("game-step-d", () => ten(() => game.learnD()));
  onMove("game-step-g", () => ten(() => game.learnG()));
  play.onclick = () => setPlaying(!playing);
  byId("game-again").onclick = data.onchange = again;
  rateOf.D.onchange = rateOf.G.onchange = readRates;
  byId("game-clear").onclick = () => { drawing.length = 0; again(); };
  plot.onpointerdown = plot.onpointermove = addPoint;
  for (const button of document.querySelectorAll("#game [data-try]")) {
    button.onclick = () => {
      let ahead;  // steps of D alone at the start
      [data.value, dSteps.value, rateOf.D.value, rateOf.G.value, ahead] = button.dataset.try.split(" ");
      again();
      while (ahead-- > 0) game.learnD();
      plot.scrollIntoView({block: "nearest"});  // on a phone the experiments stand below the plane
      setPlaying(true);
    };
  }
  byId("game-cure").onclick = () => {
    dSteps.value = 1;
    setPlaying(true);
  };
  addEventListener("language", nameChoices);
  nameChoices();
  again();
  setPlaying(false);
  byId("game").hidden = false;
}
