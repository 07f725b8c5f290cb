"use strict";
// Filters live in the address (#unit=…&rule=…&severity=…&q=…), so that a view can be bookmarked and sent on.
// Any other fragment is a place on the page and leaves the filters as they are.
(function () {
  const KEYS = ["unit", "rule", "severity", "q"];
  const NAMES = { unit: "单位", rule: "规则", severity: "级别", q: "查找" };
  const WORDS = { error: "必改", explain: "需说明", note: "提示" };
  const TYPING_PAUSE = 150; // milliseconds

  const form = document.getElementById("filters");
  const all = (root, selector) => Array.from(root.querySelectorAll(selector));
  const plain = (text) => text.normalize("NFKC").toLowerCase();

  const groups = all(document, ".group").map((element) => ({
    element,
    heading: () => all(element, "h3, .about").map((part) => part.textContent).join(" "),
    rows: all(element, "tbody > tr").map((row) => ({
      element: row,
      rule: row.dataset.rule,
      severity: row.dataset.severity,
      about: () => all(row, ".rule, .remedy").map((part) => part.textContent).join(" "),
      items: all(row, "li").map((item) => ({
        element: item,
        unit: item.dataset.unit === undefined ? element.dataset.unit : item.dataset.unit,
        count: Number(item.dataset.count || 1),
        text: "", // filled when somebody searches for the first time
      })),
    })),
  }));
  let state = {};
  let indexed = false;

  function index() {
    for (const group of groups) {
      const heading = group.heading();
      for (const row of group.rows) {
        const about = row.about();
        for (const item of row.items) item.text = plain([heading, about, item.unit, item.element.textContent].join(" "));
      }
    }
    indexed = true;
  }

  function show(element, visible) {
    if (element.hidden === visible) element.hidden = !visible;
  }

  function filter() {
    const words = plain(state.q || "").split(/\s+/).filter(Boolean);
    if (words.length && !indexed) index();
    const tally = { error: 0, explain: 0, note: 0 };
    let total = 0;
    for (const group of groups) {
      let inGroup = 0;
      for (const row of group.rows) {
        const fits = (!state.rule || row.rule === state.rule) && (!state.severity || row.severity === state.severity);
        let inRow = 0;
        for (const item of row.items) {
          total += item.count;
          const hit = fits && (!state.unit || item.unit === state.unit) && words.every((word) => item.text.includes(word));
          show(item.element, hit);
          if (hit) inRow += item.count;
        }
        show(row.element, inRow > 0);
        tally[row.severity] += inRow;
        inGroup += inRow;
      }
      show(group.element, inGroup > 0);
    }
    report(total, tally);
  }

  function report(total, tally) {
    const found = tally.error + tally.explain + tally.note;
    const set = KEYS.filter((key) => state[key]);
    const levels = Object.keys(WORDS).filter((level) => tally[level]).map((level) => WORDS[level] + " " + tally[level]);
    const chosen = set.map((key) => NAMES[key] + "“" + (key === "severity" ? WORDS[state[key]] || state[key] : state[key]) + "”");
    const counts = found + " 个问题" + (levels.length ? "（" + levels.join("，") + "）" : "");
    document.getElementById("shown").textContent = set.length
      ? "筛选：" + chosen.join("，") + "。显示 " + counts + "，共 " + total + " 个。"
      : "显示全部 " + counts + "。";
    show(document.getElementById("none"), total > 0 && found === 0);
    show(document.getElementById("clear"), set.length > 0);
    for (const bar of all(document, "a.bar")) {
      const value = read(bar.getAttribute("href"))[bar.dataset.filter];
      bar.classList.toggle("chosen", state[bar.dataset.filter] === value);
      bar.classList.toggle("other", Boolean(state[bar.dataset.filter]) && state[bar.dataset.filter] !== value);
    }
  }

  function read(fragment) {
    const given = new URLSearchParams(fragment.replace(/^#/, ""));
    const found = {};
    for (const key of KEYS) if (given.get(key)) found[key] = given.get(key);
    return found;
  }

  function write(wanted) {
    const given = new URLSearchParams();
    for (const key of KEYS) if (wanted[key]) given.set(key, wanted[key]);
    return "#" + (given.toString() || "all=1"); // an empty fragment would jump to the top
  }

  function follow() {
    const fragment = location.hash;
    if (!fragment.includes("=")) {
      const target = fragment && document.getElementById(fragment.slice(1));
      if (!target || !target.hidden) return;
      state = {}; // a link to a file that the filters hide
      refresh();
      target.scrollIntoView();
      return;
    }
    state = read(fragment);
    refresh();
  }

  function refresh() {
    for (const key of KEYS) form.elements[key].value = state[key] || "";
    filter();
  }

  function chosen() {
    const wanted = {};
    for (const key of KEYS) wanted[key] = form.elements[key].value.trim();
    return wanted;
  }

  let pause = 0;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    if (event.target.name !== "q") location.hash = write(chosen());
  });
  form.elements.q.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      state = chosen(); // the field itself stays as typed
      history.replaceState(null, "", write(state));
      filter();
    }, TYPING_PAUSE);
  });
  document.getElementById("clear").addEventListener("click", () => {
    location.hash = write({});
    form.elements.unit.focus();
  });
  for (const bar of all(document, "a.bar")) {
    bar.addEventListener("click", (event) => {
      event.preventDefault();
      const key = bar.dataset.filter;
      const value = read(bar.getAttribute("href"))[key];
      const wanted = Object.assign({}, state);
      wanted[key] = state[key] === value ? "" : value; // a second click takes the filter away
      location.hash = write(wanted);
      if (wanted[key]) document.getElementById("issues").scrollIntoView();
    });
  }

  // ── copying a place ──

  function reference(place) {
    const group = place.closest(".group");
    const file = group && group.dataset.file;
    return (file ? file + " › " : "") + place.textContent;
  }

  function copyOldWay(text) {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }

  let fading = 0;
  function say(text) {
    const note = document.getElementById("copied");
    note.textContent = text;
    clearTimeout(fading);
    fading = setTimeout(() => { note.textContent = ""; }, 2500);
  }

  function copy(place) {
    const text = reference(place);
    const told = (done) => say((done ? "已复制：" : "请手工复制：") + text);
    if (!navigator.clipboard) return told(copyOldWay(text));
    return navigator.clipboard.writeText(text).then(() => told(true), () => told(copyOldWay(text)));
  }

  document.addEventListener("click", (event) => {
    const place = event.target.closest(".place");
    if (place && String(getSelection()) === "") copy(place);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.classList.contains("place")) {
      event.preventDefault();
      copy(event.target);
    }
  });

  form.hidden = false;
  document.documentElement.classList.add("live");
  window.addEventListener("hashchange", follow);
  state = read(location.hash);
  refresh();
})();
