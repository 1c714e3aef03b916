// A table of contents at the side, where there is room, which follows the reading: the headings of the language that is shown.
{
  const contents = document.createElement("nav");
  contents.id = "contents";
  document.body.append(contents);
  let links = [];

  function follow() {
    const passed = links.filter(({heading}) => heading.getBoundingClientRect().top < innerHeight / 3);
    const now = passed[passed.length - 1];
    for (const {link} of links) link.removeAttribute("aria-current");
    if (!now) return;
    now.link.setAttribute("aria-current", "true");
    if (now.link.offsetTop < contents.scrollTop || now.link.offsetTop > contents.scrollTop + contents.clientHeight - 40)
      contents.scrollTop = now.link.offsetTop - contents.clientHeight / 2;
  }
  function fill() {
    const headings = [...document.querySelectorAll(page.lang === "zh" ? ".zh h3[id]" : "h2.en[id]")];
    contents.setAttribute("aria-label", page.lang === "zh" ? "目录" : "Contents");
    links = headings.filter(heading => /^\d/.test(heading.textContent)).map(heading => {
      const link = document.createElement("a");
      link.href = `#${heading.id}`;
      link.textContent = heading.firstChild.textContent;
      return {heading, link};
    });
    contents.replaceChildren(...links.map(({link}) => link));
    follow();
  }
  addEventListener("language", fill);
  addEventListener("scroll", () => requestAnimationFrame(follow), {passive: true});
}
