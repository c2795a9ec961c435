"use strict";
(() => {
  const form = document.getElementById("filter");
  const said = document.getElementById("shown");
  const entries = [...document.querySelectorAll("li.entry")];
  const marks = [...document.querySelectorAll("svg [data-entry]")];
  const words = new Map(entries.map((e) => [e, e.textContent.toLowerCase()]));
  const apply = () => {
    const f = Object.fromEntries(new FormData(form));
    const text = f.text.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const hidden = new Set();
    for (const e of entries) {
      const d = e.dataset;
      const fits = (!f.kind || d.kind === f.kind) && (!f.service || d.service === f.service)
        && (!f.person || d.people.split("\n").includes(f.person))
        && (!f.status || d.status === f.status)
        && (!f.from || (d.end || d.on) >= f.from) && (!f.to || d.on <= f.to)
        && text.every((word) => words.get(e).includes(word));
      e.hidden = !fits;
      if (!fits) hidden.add(e.id);
    }
    for (const m of marks) m.classList.toggle("dim", hidden.has(m.dataset.entry));
    for (const s of document.querySelectorAll("section.month")) {
      s.hidden = ![...s.querySelectorAll("li.entry")].some((e) => !e.hidden);
    }
    const left = entries.length - hidden.size;
    said.textContent = hidden.size
      ? `Filtered: ${left} of ${entries.length} entries are shown.` : `All ${left} entries are shown.`;
    form.classList.toggle("active", hidden.size > 0);
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
})();
