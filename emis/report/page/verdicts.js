// From what is set to what it leads to: levels, emissions with and without the plan, the air, and a verdict on each target.
"use strict";

/** Return what the scenario itself has set: levels of measures [1], rates of drivers [1/yr], parts of what the neighbours do. */
emis.asGiven = function (live) {
  return {
    levels: { ...live.levers.implementation },
    rates: live.drivers.map((driver) => driver.value),
    outside: live.air ? { city: 1, region: 1 } : {},
  };
};

/** Return levels x, measures x periods [1], of the model's own course times what is set. */
emis.levels = (model, courses, set) => courses.map((row, m) => row.map((one) => one * (set.levels[model.measures[m]] ?? 0)));

/** Return how far each measure counts against a stock: fully in place, unless the scenario says as far as implemented. */
emis.counted = function (live, model, set) {
  const present = new Set(live.levers.present), named = new Set(live.levers.named);
  return model.measures.map((id) => {
    const level = set.levels[id] ?? 0;
    if (!present.has(id) && level === 0) return 0;
    return live.on_shortfall === "implemented" && !named.has(id) ? level : 1;
  });
};

/** Evaluate everything at what is set. */
emis.evaluate = function (live, set) {
  const model = live.model, found = emis.activity(model, set.rates);
  const counted = emis.counted(live, model, set), scale = live.on_shortfall === "scale";
  const moves = emis.transfers(model, found.activity, counted, scale);
  const levels = emis.levels(model, model.levels, set), none = levels.map((row) => row.map(() => 0));
  const told = {
    set, short: scale ? [] : moves.short, beyond: found.beyond,
    emissions: emis.emissions(model, found.activity, moves.all, levels, model.share),
    noPlan: emis.emissions(model, found.activity, moves.all, none, model.share),
  };
  told.air = live.air ? emis.airOf(live, told) : null;
  told.alerts = live.alerts ? emis.alertsOf(live, set) : {};
  told.verdicts = live.targets.map((target) => emis.verdict(live, told, target));
  return told;
};

/** Return a function of year, scope and plan that gives PM2.5 [ug/m3]; scopes count the areas that change. */
emis.airOf = function (live, told) {
  const air = live.air, model = live.model;
  const dust = live.sector.map((s, k) => (live.sectors[s] === "dust" ? k : -1)).filter((k) => k >= 0);
  const district = (year, emissions) => air.precursors.map((name, n) => {
    if (air.base[n] === null) return 1;
    const column = model.columns.indexOf(name === "dust" ? "PM2.5" : name);
    const after = emis.total(model, emissions, column, year, name === "dust" ? dust : null);
    return air.base[n] > 0 ? after / air.base[n] : 1;
  });
  const outside = (area, year) => air.changes[area][model.years[year]].map(
    (change) => Math.max(1 + told.set.outside[area] * change, 0));
  const still = air.precursors.map(() => 1);
  return (year, scope = 2, emissions = told.emissions) => emis.air.pm25(air, [
    district(year, emissions), scope > 0 ? outside("city", year) : still, scope > 1 ? outside("region", year) : still,
  ]);
};

/** Return what the mean day of each alert level emits without and with it, by column [t/day]. */
emis.alertsOf = function (live, set) {
  const model = live.alerts.model, { activity } = emis.activity(model, set.rates);
  const moves = emis.transfers(model, activity, emis.counted(live, model, set), live.on_shortfall === "scale").all;
  const day = (share, courses) => {
    const emitted = emis.emissions(model, activity, moves, emis.levels(model, courses, set), share);
    return model.columns.map((_, column) => emis.total(model, emitted, column, 0, null));
  };
  return Object.fromEntries(Object.entries(live.alerts.days).map(([level, one]) => [
    level, { without: day(one.share, one.without), with: day(one.share, one.with) },
  ]));
};

/** Return status, what is achieved and by how much it is reached, in the unit of the target. */
emis.verdict = function (live, told, target) {
  const given = { id: target.id, status: target.status, achieved: target.achieved, margin: null, live: false };
  if (target.is === "none") return given;
  const achieved = emis.achieved(live, told, target), required = target.required;
  if (Number.isNaN(achieved)) return { ...given, status: "UNDETERMINED", achieved: null, live: true };
  if (required === null) return { ...given, status: "UNDETERMINED", achieved, live: true };
  const margin = target.sense === "at_most" ? required - achieved : achieved - required;
  // Rounding of sums of doubles, nothing a modeller could mean.
  const slack = 1e-12 * (target.sense === "reduce" ? 100 : Math.abs(required));
  return { ...given, status: margin >= -slack ? "MET" : "MISSED", achieved, margin, live: true };
};

emis.reduction = (after, before) => (before > 0 ? 100 * (1 - after / before) : NaN);

/** Return what a target is told in: a reduction in per cent, or an amount in its unit. */
emis.achieved = function (live, told, target) {
  const reduces = target.sense === "reduce";
  if (target.is === "emissions" || target.is === "activity") {
    const after = emis.total(live.model, told.emissions, target.column, target.year, target.classes);
    if (!reduces) return after;
    return target.before === null ? NaN : emis.reduction(after, target.before);
  }
  if (target.is === "concentration") {
    const value = told.air(target.year);
    return target.since === null ? value * target.factor : 100 * (1 - value / target.since);
  }
  if (target.is === "heavy_days") {
    const days = emis.air.heavyDays(target, live.air, told.air(target.year));
    return target.before === null ? days * target.factor : 100 * (1 - days / target.length / target.before);
  }
  if (target.is === "dustfall") {
    const column = live.model.columns.indexOf("TSP");
    const ratio = emis.total(live.model, told.emissions, column, target.year, null) / target.base;
    const after = target.background + (target.before - target.background) * ratio;
    return target.factor === null ? 100 * (1 - after / target.before) : after * target.factor;
  }
  const day = told.alerts[target.level];
  const cuts = target.columns.map((column) => emis.reduction(day.with[column], day.without[column]));
  const known = cuts.filter((cut) => !Number.isNaN(cut));
  return known.length ? Math.min(...known) : NaN;
};
