// A GAN of single numbers: real ones are normal, G and D have one hidden layer of tanh units each, losses are those of
// section 8 without smoothing, both learn by Adam.
function makeGame(seed) {
  const HIDDEN = 8, BATCH = 64, RATE = {D: 0.02, G: 0.005}, BETA2 = 0.99;
  let state = seed;
  const random = () => {  // uniform from 0 to 1: the generator mulberry32
    state = state + 0x6D2B79F5 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const sigmoid = logit => 1 / (1 + Math.exp(-logit));

  // parameters of a network: kernel and bias of the hidden units, the output's kernel, its bias
  function network(outBias) {
    const p = Float64Array.from({length: 3 * HIDDEN + 1}, normal);
    for (let i = 2 * HIDDEN; i < 3 * HIDDEN; i++) p[i] /= Math.sqrt(HIDDEN);
    p[3 * HIDDEN] = outBias;
    return {p, v: new Float64Array(p.length), t: 0, hidden: new Float64Array(HIDDEN)};
  }
  function forward(net, x) {
    let y = net.p[3 * HIDDEN];
    for (let i = 0; i < HIDDEN; i++) {
      net.hidden[i] = Math.tanh(net.p[i] * x + net.p[HIDDEN + i]);
      y += net.p[2 * HIDDEN + i] * net.hidden[i];
    }
    return y;
  }
  function backward(net, x, slope, gradient) {  // after forward: add to the gradient, return the slope at x
    let slopeX = 0;
    gradient[3 * HIDDEN] += slope;
    for (let i = 0; i < HIDDEN; i++) {
      const inner = slope * net.p[2 * HIDDEN + i] * (1 - net.hidden[i] ** 2);
      gradient[2 * HIDDEN + i] += slope * net.hidden[i];
      gradient[i] += inner * x;
      gradient[HIDDEN + i] += inner;
      slopeX += inner * net.p[i];
    }
    return slopeX;
  }
  function adam(net, gradient, rate) {  // without momentum
    net.t++;
    for (let i = 0; i < gradient.length; i++) {
      net.v[i] = BETA2 * net.v[i] + (1 - BETA2) * gradient[i] ** 2;
      net.p[i] -= rate * gradient[i] / (Math.sqrt(net.v[i] / (1 - BETA2 ** net.t)) + 1e-8);
    }
  }
  const D = network(0), G = network(2.5);
  const zeros = () => new Float64Array(3 * HIDDEN + 1);
  const learnD = () => {
    const gradient = zeros();
    for (let n = 0; n < BATCH; n++) {
      const real = normal(), fake = forward(G, normal());
      backward(D, real, (sigmoid(forward(D, real)) - 1) / BATCH, gradient);
      backward(D, fake, sigmoid(forward(D, fake)) / BATCH, gradient);
    }
    adam(D, gradient, RATE.D);
  };
  const learnG = () => {
    const gradient = zeros(), unused = zeros();
    for (let n = 0; n < BATCH; n++) {
      const z = normal(), fake = forward(G, z);
      const slope = backward(D, fake, (sigmoid(forward(D, fake)) - 1) / BATCH, unused);
      backward(G, z, slope, gradient);
    }
    adam(G, gradient, RATE.G);
  };
  return {
    steps: 0,
    step(dSteps) {
      for (let k = 0; k < dSteps; k++) learnD();
      learnG();
      this.steps++;
    },
    D: x => sigmoid(forward(D, x)),
    fakes: n => Array.from({length: n}, () => forward(G, normal())),
  };
}

{
  const plot = byId("game-plot"), play = byId("game-play"), dSteps = byId("game-d-steps");
  const SEED = 1;  // the same start each time, so that settings can be compared
  let game, playing = false;

  function density(values) {  // of values, at 121 places from -4 to 4: bell curves of width 0.2
    return Array.from({length: 121}, (_, i) => {
      const x = -4 + i / 15;
      return values.reduce((sum, v) => sum + Math.exp(-(((x - v) / 0.2) ** 2) / 2), 0) / values.length / 0.2;
    });
  }
  function draw() {
    const context = plot.getContext("2d"), numbers = game.fakes(1000), fakes = density(numbers);
    const x = i => 40 + 4.7 * i, y = v => 210 - 190 * v;
    context.clearRect(0, 0, plot.width, plot.height);
    const line = (values, color, fill) => {
      context.beginPath();
      if (fill) context.moveTo(x(0), y(0));
      values.forEach((v, i) => context.lineTo(x(i), y(v)));
      if (fill) context.lineTo(x(120), y(0));
      context.strokeStyle = context.fillStyle = color;
      context.lineWidth = 2.5;
      fill ? context.fill() : context.stroke();
    };
    line(fakes.map((_, i) => 0.4 * Math.exp(-((-4 + i / 15) ** 2) / 2)), "#d5d5d5", true);
    line(fakes.map(v => 0.4 * v), "#D55E00");
    context.setLineDash([7, 4]);
    line(fakes.map((_, i) => game.D(-4 + i / 15)), "#0072B2");
    context.setLineDash([]);
    context.fillStyle = "#444";
    context.font = `${12 * Math.max(1, plot.width / (plot.clientWidth || plot.width))}px sans-serif`;
    for (const v of [0, 0.5, 1]) context.fillText(v, 16, y(v) + 4);
    for (const v of [-3, 0, 3]) context.fillText(v, x(15 * (v + 4)) - 4, 230);
    const at = game.D(0).toFixed(2), mean = (numbers.reduce((a, b) => a + b) / numbers.length).toFixed(2);
    byId("game-text").innerHTML =
      `<span class="en">After ${game.steps} steps D(0) is ${at}, and the mean of the fakes is ${mean}; of real numbers it is 0.</span>` +
      `<span class="zh" lang="zh">${game.steps} 步之后，D(0) 等于 ${at}，假数据的平均值是 ${mean}，真实数据的是 0。</span>`;
  }
  function setPlaying(on) {
    playing = on;
    play.innerHTML = on ? '<span class="en">Pause</span><span class="zh" lang="zh">暂停</span>' :
      '<span class="en">Play</span><span class="zh" lang="zh">播放</span>';
  }
  function frame() {
    if (!playing) return;
    for (let k = 0; k < 3; k++) game.step(+dSteps.value);
    draw();
    requestAnimationFrame(frame);
  }
  function place() {  // where the still picture of the language that is shown would stand
    const stills = [...document.querySelectorAll("img.still-game")];
    stills.forEach(still => still.hidden = true);
    const still = stills.find(still => Boolean(still.closest(".zh")) === (page.lang === "zh"));
    if (still) (still.closest("p") || still).after(byId("game"));
  }
  byId("game-step").onclick = () => { setPlaying(false); game.step(+dSteps.value); draw(); };
  play.onclick = () => { setPlaying(!playing); frame(); };
  byId("game-again").onclick = () => { game = makeGame(SEED); draw(); };
  addEventListener("language", place);
  game = makeGame(SEED);
  setPlaying(false);
  byId("game").hidden = false;
  draw();
}
