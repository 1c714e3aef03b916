// Sixteen images, real ones and G's, to be told apart: FAKES is {columns, sprite, n_real, guess, opponents}. The picture has the
// real images first; an opponent is {name, first, real, fake}: the place of its first image, and what its D says of the real
// images and of its own. guess: what a D that can only guess would say; below it counts as "fake".
{
  const sprite = new Image(), choice = byId("be-d-opponent"), opponent = () => FAKES.opponents[+choice.value];
  const check = byId("be-d-check"), result = byId("be-d-result"), buttons = [];
  let round = [], checked = false, total = {images: 0, you: 0, d: 0};  // of a round: for each image its place, whether it is fake, and what D says

  function name(button, k) {
    const {fake, verdict} = round[k], marked = button.getAttribute("aria-pressed") === "true";
    const caption = button.lastChild, [english, chinese] = fake ? ["fake", "假"] : ["real", "真"];
    caption.innerHTML = checked ? `${both(english, chinese)} ${verdict.toFixed(2)}` : marked ? both("fake?", "假？") : "&nbsp;";
    const zh = page.lang === "zh", told = checked ? `${zh ? chinese : english}, D ${verdict.toFixed(2)}` : "";
    button.setAttribute("aria-label", `${zh ? "图像" : "image"} ${k + 1} ${told}`.trim());
    button.classList.toggle("wrong", checked && marked !== fake);
    button.disabled = checked;
  }
  function show() {
    buttons.forEach((button, k) => {
      const {place} = round[k], x = place % FAKES.columns, y = Math.floor(place / FAKES.columns);
      button.firstChild.getContext("2d").drawImage(sprite, 28 * x, 28 * y, 28, 28, 0, 0, 28, 28);
      name(button, k);
    });
    check.disabled = checked;
  }
  function shuffled(n) {  // 0 to n - 1, in random order
    const places = Array.from({length: n}, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [places[i], places[j]] = [places[j], places[i]];
    }
    return places;
  }
  function begin() {
    const {first, real, fake} = opponent(), nFakes = 5 + Math.floor(7 * Math.random());  // 5 to 11
    const fakes = shuffled(fake.length).slice(0, nFakes).map(i => ({place: first + i, fake: true, verdict: fake[i]}));
    const reals = shuffled(FAKES.n_real).slice(0, 16 - nFakes).map(i => ({place: i, fake: false, verdict: real[i]}));
    const images = [...fakes, ...reals];
    round = shuffled(16).map(i => images[i]);
    checked = false;
    buttons.forEach(button => button.setAttribute("aria-pressed", false));
    result.textContent = "";
    show();
  }
  for (let k = 0; k < 16; k++) {
    const button = document.createElement("button"), canvas = document.createElement("canvas");
    Object.assign(canvas, {width: 28, height: 28});
    button.className = "choice";
    button.append(canvas, document.createElement("span"));
    button.onclick = () => {
      button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
      name(button, k);
    };
    buttons.push(button);
    byId("be-d-images").append(button);
  }
  check.onclick = () => {
    checked = true;
    const marked = k => buttons[k].getAttribute("aria-pressed") === "true";
    const right = says => round.filter(({fake}, k) => fake === says(k)).length;
    const [you, d] = [right(marked), right(k => round[k].verdict < FAKES.guess)], n = round.filter(({fake}) => fake).length;
    total = {images: total.images + 16, you: total.you + you, d: total.d + d};
    const guess = FAKES.guess.toFixed(2), label = (2 * FAKES.guess).toFixed(1);
    result.innerHTML = both(
      `${n} were fakes. You got ${you} of 16 right, D ${d}. Striped: where you were wrong. In all: you ${total.you}, D ${total.d} ` +
      `of ${total.images}. Below each image stands D's probability that it is real. Since D was trained with ${label} for real ` +
      `images, ${guess} is its “I do not know”; less counts as “fake”.`,
      `其中 ${n} 张是假图。16 张里你判断对了 ${you} 张，D 判断对了 ${d} 张。带斜纹的是你判断错的。总计 ${total.images} 张，` +
      `你对了 ${total.you} 张，D 对了 ${total.d} 张。每张图像下面的数是 D 认为它为真的概率。训练时真图的标签是 ${label}，` +
      `所以 D 输出 ${guess} 相当于“不知道”，小于它算作判为假。`);
    show();
  };
  byId("be-d-again").onclick = choice.onchange = begin;
  addEventListener("language", show);
  nameOptions(choice, FAKES.opponents.map(({name}) => name));
  sprite.onload = show;
  sprite.src = FAKES.sprite;
  choice.value = FAKES.opponents.length - 2;  // Part 1's G at its best
  byId("be-d").hidden = false;
  begin();
}
