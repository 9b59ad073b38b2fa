// What is set, as a scenario file that `emis run` reads, and as a fragment of a link.
"use strict";

emis.percent = (value) => `${emis.digits(100 * value)} %`;

/** Return a number without what doubles add to its last digit. */
emis.digits = (value) => String(Number(value.toPrecision(15)));

/** Return what is set that differs from the scenario as given: ids of measures, numbers of drivers, areas. */
emis.changes = function (live, set) {
  const given = emis.asGiven(live), differs = (a, b) => Object.keys(b).filter((key) => a[key] !== b[key]);
  return {
    levels: differs(given.levels, set.levels),
    rates: set.rates.map((_, n) => n).filter((n) => set.rates[n] !== given.rates[n]),
    outside: differs(given.outside, set.outside),
  };
};

/** Return a value as YAML on one line: as JSON, but for keys that are years, which are written as numbers. */
emis.flow = function (value) {
  if (Array.isArray(value)) return `[${value.map(emis.flow).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const key = (name) => (/^\d{4}$/.test(name) ? name : JSON.stringify(name));
  return `{${Object.entries(value).map(([name, one]) => `${key(name)}: ${emis.flow(one)}`).join(", ")}}`;
};

/** Return the scenario that is set, as YAML that extends the one of this page; texts in it are quoted as JSON is. */
emis.yaml = function (live, set, meta) {
  const changed = emis.changes(live, set), quote = emis.flow;
  const beyond = new Set(live.beyond), present = new Set(live.levers.present), observed = new Set(live.levers.observed);
  const taken = live.beyond.filter((id) => set.levels[id] > 0);
  const omitted = [...live.left_out,
    ...Object.keys(set.levels).filter((id) => !beyond.has(id) && !present.has(id) && !(set.levels[id] > 0))];
  const lines = [
    "# Made with the sliders of a report of emis. Put it beside the scenario that it extends, and run",
    `#   emis run ${meta.name}.yaml${meta.flags.map((one) => ` ${one}`).join("")}`,
    "emis: scenario/1",
    `extends: ${quote(meta.file)}`,
    `name: ${quote(meta.name)}`,
    `title: ${quote(meta.title)}`,
  ];
  const given = emis.asGiven(live).levels, sets = meta.sets ?? {};
  if (sets.omit || Object.keys(given).some((id) => !present.has(id) && !beyond.has(id) && set.levels[id] > 0)) {
    if (live.only) lines.push('only: ["*"]');
    lines.push(`omit: ${quote(omitted)}`);
  }
  if (sets.take || taken.length) lines.push(`take: ${quote([...live.taken, ...taken])}`);
  const counted = Object.entries(set.levels).filter(
    ([id, level]) => !observed.has(id) && !omitted.includes(id) && (!beyond.has(id) || taken.includes(id))
      && (sets.implementation || level !== given[id]));
  if (counted.length) lines.push("implementation:");
  for (const [id, level] of counted) lines.push(`  ${quote(id)}: ${quote(emis.percent(level))}`);
  if (changed.rates.length || sets.drivers) {
    lines.push("drivers:");
    live.drivers.forEach((driver, n) => lines.push(`  - ${quote(emis.written(driver, set.rates[n]))}`));
  }
  const areas = sets.outside ? Object.keys(set.outside) : changed.outside;
  if (areas.length) {
    lines.push("air_quality:", "  outside:");
    for (const area of areas) {
      lines.push(`    ${area}:`);
      for (const [name, change] of Object.entries(live.air.stated[area])) {
        lines.push(`      ${quote(name)}: ${quote(emis.scaled(change, set.outside[area]))}`);
      }
    }
  }
  return lines.join("\n") + "\n";
};

/** Return a driver as it is written, with another growth or share of turnover. */
emis.written = function (driver, rate) {
  const written = structuredClone(driver.written), text = `${emis.digits(100 * rate)} %/yr`;
  if (driver.is === "growth") written.growth = text;
  if (driver.is === "shift") written.shift.share = text;
  return written;
};

/** Return a change of a neighbour's emissions times a factor, its range with it; nobody emits less than nothing. */
emis.scaled = function (change, factor) {
  const times = (value) => emis.percent(Math.max(factor * value, -1));
  const found = { ...change };
  found.change = typeof change.change === "number" ? times(change.change)
    : Object.fromEntries(Object.entries(change.change).map(([year, value]) => [year, times(value)]));
  for (const end of ["low", "high"]) if (typeof change[end] === "number") found[end] = times(change[end]);
  return found;
};

/** Return what differs as the fragment of a link. */
emis.fragment = function (live, set) {
  const changed = emis.changes(live, set), parts = new URLSearchParams();
  for (const id of changed.levels) parts.append("x", `${id}:${set.levels[id]}`);
  for (const n of changed.rates) parts.append("d", `${n}:${set.rates[n]}`);
  for (const area of changed.outside) parts.append(area, String(set.outside[area]));
  return parts.toString();
};

/** Return what a fragment sets; what it does not know, or what is no number in range, is left as given. */
emis.fromFragment = function (live, text) {
  const set = emis.asGiven(live), parts = new URLSearchParams(text);
  const number = (written) => (written.trim() === "" ? NaN : Number(written));
  const within = (value, low, high) => Number.isFinite(value) && value >= low && value <= high;
  for (const one of parts.getAll("x")) {
    const cut = one.lastIndexOf(":"), id = one.slice(0, cut), level = number(one.slice(cut + 1));
    if (Object.hasOwn(set.levels, id) && within(level, 0, 1) && !live.levers.observed.includes(id)) set.levels[id] = level;
  }
  for (const one of parts.getAll("d")) {
    const [n, rate] = one.split(":").map(number), driver = live.drivers[n];
    if (driver && driver.value !== null && within(rate, driver.low, driver.high)) set.rates[n] = rate;
  }
  for (const area of ["city", "region"]) {
    const factor = number(parts.get(area) ?? "");
    if (live.air && within(factor, 0, 2)) set.outside[area] = factor;
  }
  return set;
};
