// What a reader of the page would meet, as a list of faults; empty where there are none.
(() => {
  const faults = [], width = document.documentElement.clientWidth;
  const say = (what, element) => faults.push(what + (element ? ": <" + element.tagName.toLowerCase() + "> '" +
      (element.textContent || element.getAttribute("aria-label") || "").trim().slice(0, 60) + "'" : ""));
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Nothing sticks out, but for what scrolls by itself.
  if (document.documentElement.scrollWidth > width + 1) say("the page is " + document.documentElement.scrollWidth + " wide");
  const scrolls = e => e && (getComputedStyle(e).overflowX == "auto" || scrolls(e.parentElement));
  for (const e of all("body *"))
    if (e.getBoundingClientRect().right > width + 1 && !scrolls(e)) say("sticks out of " + width + " px", e);
  for (const e of all("figure"))
    if (e.scrollWidth > e.clientWidth + 1) say("a figure hides " + (e.scrollWidth - e.clientWidth) + " px at " + width, e);
  if (matchMedia("print").matches)
    for (const e of all("body *"))
      if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && getComputedStyle(e).overflowX != "visible")
        say("paper cuts off " + (e.scrollWidth - e.clientWidth) + " px", e);
  // A word broken in two is told by a cell narrower than its longest word.
  for (const e of all("th, td")) {
    const style = getComputedStyle(e), room = e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (e.querySelector("details, svg") || room <= 0) continue;
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    for (const word of e.textContent.split(/[\s/.-]+/))
      if (word.length < 16 && pen.measureText(word).width > room + 1) say("'" + word + "' is broken at " + width, e);
  }

  // Charts have names; their texts are large enough, inside, and not on top of each other.
  for (const svg of all("svg")) {
    if (svg.getAttribute("role") != "img" || !(svg.getAttribute("aria-label") || svg.querySelector("title"))) say("no name", svg);
    const frame = svg.getBoundingClientRect();
    if (frame.width == 0) continue;
    const scale = frame.width / svg.viewBox.baseVal.width;
    const texts = all("text", svg).filter(t => t.textContent.trim());
    if (texts.length < 2) say("a chart that says nothing", svg);
    for (const text of texts) {
      const size = parseFloat(getComputedStyle(text).fontSize) * scale, box = text.getBoundingClientRect();
      if (size < 9) say("a text of " + size.toFixed(1) + " px at " + width, text);
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        say("a text that leaves its chart at " + width, text);
    }
    const upright = texts.filter(t => !t.getAttribute("transform")).map(t => [t, t.getBoundingClientRect()]);
    upright.forEach(([a, p], i) => upright.slice(i + 1).forEach(([b, q]) => {
      const across = Math.min(p.right, q.right) - Math.max(p.left, q.left),
            down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
      if (across > 1 && down > 0.35 * Math.min(p.height, q.height))
        say("'" + a.textContent.trim().slice(0, 30) + "' lies on another text at " + width, b);
    }));
  }

  // Headings go down one step at a time; tables say what their cells are of; what opens can be reached.
  const levels = all("h1, h2, h3, h4, h5, h6").map(h => Number(h.tagName[1]));
  if (levels[0] != 1 || levels.filter(l => l == 1).length != 1) say("not one heading of the page");
  levels.forEach((level, i) => { if (i > 0 && level > levels[i - 1] + 1) say("a heading skips a level: " + levels.join(" ")); });
  for (const table of all("table")) if (!table.querySelector("th")) say("a table without headings", table);
  for (const details of all("details")) if (!details.querySelector("summary")) say("nothing opens this", details);
  if (!document.documentElement.lang || !document.title) say("the page has no language or no title");
  const ids = all("[id]").map(e => e.id);
  if (new Set(ids).size != ids.length) say("an id twice");
  for (const a of all("a[href^='#']")) if (!document.getElementById(a.getAttribute("href").slice(1))) say("leads nowhere", a);

  // Contrast as WCAG 2 has it, of every text against what is behind it.
  const parts = colour => (colour.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = (top, below) => { const a = top.length > 3 ? top[3] : 1; return [0, 1, 2].map(i => top[i] * a + below[i] * (1 - a)); };
  const ground = e => e ? over(parts(getComputedStyle(e).backgroundColor), ground(e.parentElement)) : [255, 255, 255];
  const light = rgb => { const [r, g, b] = rgb.map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement, text = walk.currentNode.data.trim();
    if (!text || text == "\u25a0" || ["STYLE", "TITLE", "title"].includes(e.tagName)) continue;
    const style = getComputedStyle(e), behind = ground(e);
    const front = over(parts(e.closest("svg") ? style.fill : style.color), behind);
    const [high, low] = [light(front), light(behind)].sort((a, b) => b - a), contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) say("contrast " + contrast.toFixed(2), e);
  }
  return [...new Set(faults)];
})()
