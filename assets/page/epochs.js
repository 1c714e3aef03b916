// A slider over the epochs: RUN is {columns, epochs, losses, sprite}, all samples below each other in one picture, and
// for each of them its epoch and its mean losses of D and of G.
{
  const slider = byId("epoch"), play = byId("epoch-play"), canvas = byId("samples"), curve = byId("curve");
  const sprite = new Image(), rows = 16 / RUN.columns, last = RUN.epochs.length;
  const colors = ["#0072B2", "#D55E00"];
  Object.assign(canvas, {width: 28 * RUN.columns, height: 28 * rows});
  slider.max = slider.value = last;
  let timer = 0;

  function drawCurve(now) {
    const context = curve.getContext("2d"), all = RUN.losses.flat();
    const low = Math.min(...all) - 0.05, high = Math.max(...all) + 0.05;
    const x = i => 50 + (last > 1 ? 550 * i / (last - 1) : 275), y = v => 155 - 140 * (v - low) / (high - low);
    context.clearRect(0, 0, curve.width, curve.height);
    context.font = `${12 * Math.max(1, curve.width / (curve.clientWidth || curve.width))}px sans-serif`;
    context.fillStyle = context.strokeStyle = "#444";
    for (const v of [low + 0.05, high - 0.05]) context.fillText(v.toFixed(2), 12, y(v) + 4);
    context.fillText("1", x(0) - 3, 174);
    context.fillText(RUN.epochs[last - 1], x(last - 1) - 8, 174);
    context.strokeRect(44, 5, 562, 154);
    for (const k of [0, 1]) {
      context.strokeStyle = context.fillStyle = colors[k];
      context.lineWidth = 2;
      context.beginPath();
      RUN.losses.forEach((pair, i) => context.lineTo(x(i), y(pair[k])));
      context.stroke();
      context.beginPath();
      context.arc(x(now), y(RUN.losses[now][k]), 5, 0, 7);
      context.fill();
    }
  }
  function show() {
    const i = slider.value - 1, [d, g] = RUN.losses[i].map(v => v.toFixed(2));
    if (sprite.complete)
      canvas.getContext("2d").drawImage(sprite, 0, -canvas.height * i);
    const both = (english, chinese) => `<span class="en">${english}</span><span class="zh" lang="zh">${chinese}</span>`;
    byId("epoch-label").innerHTML = both(`epoch ${RUN.epochs[i]}`, `第 ${RUN.epochs[i]} 轮`);
    slider.setAttribute("aria-valuetext", RUN.epochs[i]);
    const of = (name, value, css) => `<b class="${css}">${name} ${value}</b>`;
    byId("epoch-losses").innerHTML = both("Mean losses in nats: ", "平均损失（纳特）：") +
      of("D", d, "d-color") + " " + of("G", g, "g-color");
    drawCurve(i);
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
    play.innerHTML = '<span class="en">Play</span><span class="zh" lang="zh">播放</span>';
  }
  play.onclick = () => {
    if (timer) return stop();
    if (+slider.value === last) slider.value = 1;
    show();
    play.innerHTML = '<span class="en">Pause</span><span class="zh" lang="zh">暂停</span>';
    timer = setInterval(() => {
      slider.value = +slider.value + 1;
      show();
      if (+slider.value === last) stop();
    }, 500);
  };
  slider.oninput = () => { stop(); show(); };
  sprite.onload = show;
  sprite.src = RUN.sprite;
  document.querySelectorAll("img[src^='data:image/gif']").forEach(gif => (gif.closest("picture") || gif).remove());
  byId("learning").hidden = false;
  stop();
  show();
}
