// The sliders: what is set, and what the page shows of what it leads to.
"use strict";

(function () {
  const live = JSON.parse(document.getElementById("live").textContent);
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const given = emis.evaluate(live, emis.asGiven(live));
  const model = live.model, last = model.years.length - 1;
  let set = emis.fromFragment(live, location.hash.slice(1)), told = given, waiting = false;

  const say = (key, values = {}) => {
    const text = texts.said[key][reading.lang()];
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  };
  const byId = (id) => document.getElementById(id);

  /** Make an element; texts go in as text, never as markup. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "class") element.className = value;
      else if (value !== null) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  /** A text in both languages, kept apart from what stands around it. */
  function both(pair) {
    if (pair.en === pair.zh) return [make("bdi", {}, pair.en)];
    return ["en", "zh"].map((lang) => make("bdi", { lang }, pair[lang]));
  }

  // -- numbers, as the tables have them ---------------------------------------------------------------------------

  function amount(value, unit, signed = false) {
    if (value === null || Number.isNaN(value)) return "–";
    let text;
    if (unit === "%") {
      text = trimmed(grouped(value.toFixed(2))) || "0";
      unit = signed ? "pp" : "%";
    } else {
      const digits = Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(4)));
      text = grouped(digits);
    }
    if (/^-?0$/.test(text)) text = "0";
    else if (signed && value > 0) text = `+${text}`;
    return `${text} ${texts.units[unit]?.[reading.lang()] ?? unit}`.trim().replace("-", "−");
  }
  const trimmed = (text) => (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text);
  const grouped = (text) => {
    const [whole, part] = text.split(".");
    return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (part === undefined ? "" : `.${part}`);
  };

  // -- controls ----------------------------------------------------------------------------------------------------

  const rows = [];

  function lever({ name, pair, low, high, step, get, put, show, disabled = false, hint = null }) {
    const id = `lever-${rows.length}`;
    const input = make("input", { type: "range", id, min: low, max: high, step, "data-lever": name });
    const output = make("output", { for: id });
    const label = make("label", { for: id }, ...both(pair));
    if (hint) label.append(" ", ...both(hint).map((one) => { one.className = "id"; return one; }));
    input.disabled = disabled;
    const row = make("div", { class: "lever" }, label, input, output);
    input.addEventListener("input", () => { put(Number(input.value)); later(); });
    rows.push({ row, input, output, get, show, start: get() });
    return row;
  }

  /** Put a row to what is set. A range input snaps to its steps: what is set stays what it is. */
  function refresh(one) {
    const value = one.get();
    if (Number(one.input.value) !== value) one.input.value = value;
    const shown = one.show(value);
    if (one.output.textContent !== shown) one.output.textContent = shown;
    one.input.setAttribute("aria-valuetext", shown);
    one.row.classList.toggle("moved", value !== one.start);
  }

  function measureGroup(group) {
    const ids = group.measures.map((one) => one.id);
    const body = group.measures.map((one) => lever({
      name: one.id, pair: one.title, low: 0, high: 100, step: 1,
      get: () => 100 * set.levels[one.id], put: (value) => { set.levels[one.id] = value / 100; },
      show: (value) => `${Number(value.toFixed(1))} %`, disabled: live.levers.observed.includes(one.id),
      hint: live.levers.observed.includes(one.id) ? texts.said.observed : null,
    }));
    const movable = ids.filter((id) => !live.levers.observed.includes(id));
    const toggle = make("button", { type: "button", class: "switch", "data-group": group.name }, ...both(texts.said.switch));
    toggle.addEventListener("click", () => {
      const on = movable.some((id) => set.levels[id] > 0);
      for (const id of movable) set.levels[id] = on ? 0 : 1;
      later();
    });
    const count = make("span", { class: "count" }, String(ids.length));
    const folded = make("details", {}, make("summary", {}, make("span", {}, ...both(group.title)), count), ...body);
    return make("div", { class: "group" }, folded, toggle);
  }

  function build() {
    const controls = byId("controls");
    for (const group of texts.groups) controls.append(measureGroup(group));
    const movable = live.drivers.map((driver, n) => ({ driver, n })).filter(({ driver }) => driver.value !== null);
    if (movable.length) {
      const body = movable.map(({ driver, n }) => lever({
        name: `driver-${n}`, pair: texts.drivers[n], low: 100 * driver.low, high: 100 * driver.high, step: 0.1,
        get: () => 100 * set.rates[n], put: (value) => { set.rates[n] = value / 100; },
        show: (value) => `${Number(value.toFixed(2))} %/${reading.lang() === "zh" ? "年" : "yr"}`.replace("-", "−"),
      }));
      controls.append(make("div", { class: "group" }, make("details", {}, make("summary", {},
        make("span", {}, ...both(texts.said.drivers)), make("span", { class: "count" }, String(body.length))), ...body)));
    }
    if (live.air) {
      const body = ["city", "region"].filter((area) => Object.keys(live.air.stated[area]).length).map((area) => lever({
        name: area, pair: texts.said[area], low: 0, high: 200, step: 5,
        get: () => 100 * set.outside[area], put: (value) => { set.outside[area] = value / 100; },
        show: (value) => `${Number(value.toFixed(0))} %`,
      }));
      if (body.length) {
        controls.append(make("div", { class: "group" }, make("details", {}, make("summary", {},
          make("span", {}, ...both(texts.said.neighbours))), make("p", { class: "note" }, ...both(texts.said.neighbours_note)), ...body)));
      }
    }
    controls.querySelector("details")?.setAttribute("open", "");
  }

  // -- outcome -----------------------------------------------------------------------------------------------------

  const verdictRows = live.targets.map((target, n) => {
    const bar = make("i"), mark = make("b"), was = make("u"), state = make("span", { class: "status" }), value = make("span", { class: "n" });
    const gauge = make("div", { class: "gauge", "aria-hidden": "true" }, bar, was, mark);
    const head = make("span", { class: "name", title: Object.values(texts.targets[n]).join(" · ") }, make("span", { class: "id" }, make("bdi", {}, target.id)), " ", ...both(texts.targets[n]));
    const row = make("div", { class: "target", role: "listitem", "data-target": target.id }, head, state, value, gauge);
    return { target, row, bar, mark, was, state, value, gauge };
  });

  /** Which part of a gauge a value fills: its mark, what is required, stands at two thirds, and beyond it is good. */
  function part(target, value) {
    const required = target.required;
    if (value === null || !required) return 0;
    const reached = target.sense === "at_most" ? (value > 0 ? required / value : Infinity) : value / required;
    return Math.max(0, Math.min(1, reached * (2 / 3)));
  }

  function showVerdicts() {
    told.verdicts.forEach((one, n) => {
      const at = verdictRows[n], target = at.target, status = one.status.toLowerCase();
      const sign = { met: "✓", missed: "✗" }[status] ?? "?";
      at.state.className = `status ${status}`;
      at.state.textContent = `${sign} ${texts.status[one.status][reading.lang()]}`;
      at.value.textContent = amount(one.achieved, target.unit) + (target.required === null ? "" : ` / ${amount(target.required, target.unit)}`);
      at.bar.className = status;
      at.bar.style.width = `${100 * part(target, one.achieved)}%`;
      at.was.style.width = `${100 * part(target, given.verdicts[n].achieved)}%`;
      at.mark.style.left = `${200 / 3}%`;
      at.gauge.style.visibility = target.required === null ? "hidden" : "visible";
    });
  }

  const sums = (emitted, column) => live.sectors.map((_, s) => emis.total(model, emitted, column, last,
    live.sector.map((one, k) => (one === s ? k : -1)).filter((k) => k >= 0)));
  const sectorRows = live.sectors.map((name) => {
    const bar = make("i"), was = make("u"), none = make("b"), value = make("span", { class: "n" });
    const gauge = make("div", { class: "gauge", "aria-hidden": "true" }, bar, was, none);
    return { row: make("div", { class: "row" }, make("span", {}, ...both(live.sector_names[name] ?? { en: name, zh: name })), gauge, value), bar, was, none, value };
  });

  function showSectors() {
    const column = Number(byId("pollutant").value);
    const now = sums(told.emissions, column), was = sums(given.emissions, column), none = sums(told.noPlan, column);
    const most = Math.max(1e-12, ...now, ...was, ...none) * 1.02;
    sectorRows.forEach((at, n) => {
      const width = (value) => `${(100 * value) / most}%`;
      at.bar.style.width = width(now[n]);
      at.was.style.width = width(was[n]);
      at.none.style.left = width(none[n]);
      at.value.textContent = amount(now[n], "t");
      at.row.hidden = !(now[n] > 0 || was[n] > 0 || none[n] > 0 || Number.isNaN(now[n]));
    });
  }

  /** PM2.5 of the last year, whose change brings it about, and what it was as run. */
  function showAir() {
    const line = byId("live-air");
    line.hidden = !told.air;
    if (!told.air) return;
    const unit = "ug/m^3", at = (scope) => amount(told.air(last, scope), unit);
    line.textContent = say("pm25", { year: model.years[last], all: at(2), district: at(0), city: at(1), run: amount(given.air(last), unit) });
  }

  function showChanged() {
    const changed = emis.changes(live, set), count = changed.levels.length + changed.rates.length + changed.outside.length;
    const turned = told.verdicts.filter((one, n) => one.status !== given.verdicts[n].status);
    let text = count ? say("changed", { count }) : say("as_run");
    if (turned.length) {
      text += " " + turned.map((one) => `${one.id}: ${texts.status[one.status][reading.lang()]}`).join(reading.lang() === "zh" ? "；" : "; ");
    }
    byId("changed").textContent = text;
    const short = byId("short"), first = told.short[0];
    const clash = live.exclusive.map((ids) => ids.filter((id) => set.levels[id] > 0)).find((ids) => ids.length > 1);
    short.hidden = !(first || told.beyond || clash);
    if (first) short.textContent = say("short", { year: first.year });
    else if (told.beyond) short.textContent = say("beyond");
    else if (clash) short.textContent = say("exclusive", { names: clash.join(", ") });
  }

  function show() {
    waiting = false;
    told = emis.evaluate(live, set);
    rows.forEach(refresh);
    showVerdicts();
    showSectors();
    showAir();
    showChanged();
  }

  /** Show at the next frame: while dragging, what is set in between is not looked at. */
  function later() {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(show);
    }
  }

  // -- to take away ------------------------------------------------------------------------------------------------

  function save() {
    const text = emis.yaml(live, set, texts.meta);
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/yaml" })), download: `${texts.meta.name}.yaml` });
    document.body.append(link);
    link.click();
    link.remove();
  }

  async function share() {
    const url = `${location.href.split("#")[0]}#${emis.fragment(live, set)}`;
    history.replaceState(null, "", url);
    try {
      await navigator.clipboard.writeText(url);
      byId("changed").textContent = say("copied");
    } catch {
      byId("changed").textContent = say("in_address");
    }
  }

  for (const name of texts.pollutants) {
    byId("pollutant").append(make("option", { value: model.columns.indexOf(name) }, name));
  }
  byId("live-year").textContent = String(model.years[last]);
  byId("live-verdicts").append(...verdictRows.map((one) => one.row));
  byId("live-sectors").append(...sectorRows.map((one) => one.row));
  byId("pollutant").addEventListener("change", showSectors);
  byId("reset").addEventListener("click", () => { set = emis.asGiven(live); later(); });
  byId("save").addEventListener("click", save);
  byId("share").addEventListener("click", share);
  window.addEventListener("hashchange", () => {
    if (location.hash.includes("=")) { set = emis.fromFragment(live, location.hash.slice(1)); later(); }
  });
  document.addEventListener("language", later);
  build();
  show();

  // What a reader with a console, or a test, may ask.
  emis.page = {
    live, texts, get set() { return set; }, get told() { return told; },
    apply(other) { set = other; show(); },
  };
})();
