// The address says the language, a place and a latent vector: #zh, #1-What-a-GAN-is, #zh&z=7,0.5, each part optional.
// Without JavaScript, Chinese stays in its folds.
const page = document.documentElement, byId = id => document.getElementById(id);

const both = (english, chinese) => `<span class="en">${english}</span><span class="zh" lang="zh">${chinese}</span>`;

function nameOptions(select, names) {  // an option holds text only, so its text is that of the language that is shown
  names.forEach((_, k) => select.add(new Option("", k)));
  const name = () => names.forEach(({en, zh}, k) => select.options[k].text = page.lang === "zh" ? zh : en);
  addEventListener("language", name);
  name();
}

function address() {  // {place, chinese, z} of the address; z is text, or null
  const parts = location.hash.slice(1).split("&");
  const z = parts.find(part => part.startsWith("z=")), id = parts.find(part => !part.startsWith("z=")) || "";
  const place = byId(id) || byId(decodeURIComponent(id));
  return {place, chinese: id === "zh" || Boolean(place && place.closest(".zh")), z: z ? z.slice(2) : null};
}

function setAddress(language, z) {  // without a new entry in the history
  const parts = [language === "zh" ? "zh" : z ? "" : "en", z ? `z=${z}` : ""].filter(Boolean);
  history.replaceState(null, "", `#${parts.join("&")}`);
}

function showLanguage(scroll) {
  const {place, chinese} = address(), button = byId("switch");
  page.classList.toggle("chinese", chinese);
  page.classList.toggle("english", !chinese);
  page.lang = chinese ? "zh" : "en";
  button.textContent = chinese ? "English" : "中文";
  button.lang = chinese ? "en" : "zh";
  document.querySelectorAll(".zh").forEach(fold => fold.open = chinese);
  if (place && scroll) place.scrollIntoView();
  dispatchEvent(new Event("language"));
}

{
  const button = document.createElement("button");
  button.id = "switch";
  document.body.append(button);
  button.onclick = () => {
    const cells = [...document.querySelectorAll(".jp-Cell")];
    const cell = cells.find(cell => cell.getBoundingClientRect().bottom > 0);
    setAddress(page.lang === "zh" ? "en" : "zh", address().z);
    showLanguage(false);
    cell.scrollIntoView();
  };
  addEventListener("hashchange", () => showLanguage(true));
  const folds = document.getElementsByClassName("folded");
  addEventListener("beforeprint", () => [...folds].forEach(fold => fold.open = true));
  addEventListener("afterprint", () => [...folds].forEach(fold => fold.open = false));
}
