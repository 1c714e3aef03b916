// A slider over the epochs of a run: RUNS is a list of {name, epochs, losses, sprite}, name in both languages; the samples of the
// epochs, 0 first, stand below each other in one picture, four rows of four, and losses are D's and G's means over each.
{
  const slider = byId("epoch"), play = byId("epoch-play"), canvas = byId("samples"), curve = byId("curve");
  const choice = byId("epoch-run"), colors = ["#0072B2", "#D55E00"];
  const sprites = RUNS.map(run => Object.assign(new Image(), {onload: show, src: run.sprite}));
  let timer = 0;
  const run = () => RUNS[+choice.value], last = () => run().epochs.length - 1;

  function drawCurve(now) {
    const context = curve.getContext("2d"), all = run().losses.flat();
    const low = Math.min(...all) - 0.05, high = Math.max(...all) + 0.05;
    const x = i => 50 + 550 * i / last(), y = v => 155 - 140 * (v - low) / (high - low);
    context.clearRect(0, 0, curve.width, curve.height);
    context.font = `${12 * Math.max(1, curve.width / (curve.clientWidth || curve.width))}px sans-serif`;
    context.fillStyle = context.strokeStyle = "#444";
    for (const v of [low + 0.05, high - 0.05]) context.fillText(v.toFixed(2), 12, y(v) + 4);
    for (const i of [0, last()]) context.fillText(run().epochs[i], x(i) - 6, 174);
    context.strokeRect(44, 5, 562, 154);
    for (const k of [0, 1]) {
      context.strokeStyle = context.fillStyle = colors[k];
      context.lineWidth = 2;
      context.beginPath();
      run().losses.forEach((pair, i) => context.lineTo(x(i + 1), y(pair[k])));  // epoch 0 has none
      context.stroke();
      if (now === 0) continue;
      context.beginPath();
      context.arc(x(now), y(run().losses[now - 1][k]), 5, 0, 7);
      context.fill();
    }
  }
  function show() {
    const i = +slider.value, epoch = run().epochs[i], sprite = sprites[+choice.value];
    if (sprite.complete) canvas.getContext("2d").drawImage(sprite, 0, -canvas.height * i);
    byId("epoch-label").innerHTML = both(`epoch ${epoch}`, `第 ${epoch} 轮`);
    slider.setAttribute("aria-valuetext", epoch);
    if (i === 0) byId("epoch-losses").innerHTML = both("The untrained G.", "未经训练的 G。");
    else {
      const [d, g] = run().losses[i - 1].map(v => v.toFixed(2));
      byId("epoch-losses").innerHTML = both("Mean losses in nats: ", "平均损失（纳特）：") +
        `<b class="d-color">D ${d}</b> <b class="g-color">G ${g}</b>`;
    }
    drawCurve(i);
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
    play.innerHTML = both("Play", "播放");
  }
  play.onclick = () => {
    if (timer) return stop();
    if (+slider.value === last()) slider.value = 0;
    show();
    play.innerHTML = both("Pause", "暂停");
    timer = setInterval(() => {
      slider.value = +slider.value + 1;
      show();
      if (+slider.value === last()) stop();
    }, 500);
  };
  slider.oninput = () => { stop(); show(); };
  choice.onchange = () => {
    stop();
    slider.max = last();
    slider.value = last();
    show();
  };
  nameOptions(choice, RUNS.map(run => run.name));
  document.querySelectorAll("img[src^='data:image/gif']").forEach(gif => (gif.closest("picture") || gif).remove());
  byId("learning").hidden = false;
  choice.onchange();
}
