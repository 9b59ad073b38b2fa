// The air-quality models of emis at their likely values: ratios of emissions in, species of PM2.5 out [ug/m3].
"use strict";

emis.air = {};

emis.air.sum = (values) => values.reduce((sum, one) => sum + one, 0);
emis.air.over = (after, before) => (before > 0 ? after / before : 1);

/** Return concentrations by species, or PM2.5 alone, of ratios by area and precursor [1]. */
emis.air.concentrations = function (model, air, ratio) {
  return emis.air[model.name](model, air, ratio);
};

/** Speciated rollback: each species follows its precursors above its background; ammonium by charge balance. */
emis.air.rollback = function (model, air, ratio) {
  const p = Object.fromEntries(air.precursors.map((name, n) => [name, n]));
  const s = Object.fromEntries(air.species.map((name, n) => [name, n]));
  const cut = ratio.map((row) => row.map((one) => 1 - one)), b = model.response, found = model.base.slice();
  const part = (f) => cut.map((change) => f((name) => change[p[name]]));
  const cuts = {
    SO4: part((c) => b.sulfate_SO2 * c("SO2")),
    NO3: part((c) => Math.min(b.nitrate_NOx * c("NOx") + b.nitrate_NH3 * c("NH3") - b.nitrate_SO2 * c("SO2"), 1)),
    OM: part((c) => b.primary_organic * c("OC") + (1 - b.primary_organic) * b.organic_VOC * c("VOC")),
    EC: part((c) => c("BC")),
    crustal: part((c) => c("dust")),
  };
  for (const [name, one] of Object.entries(cuts)) {
    const k = s[name];
    found[k] = model.base[k] * (1 - emis.air.sum(one.map((value, a) => model.shares[a][k] * value)));
  }
  const bound = (of) => b.sulfate_neutralised * of[s.SO4] + 0.29 * of[s.NO3];
  const ions = (of) => of[s.SO4] + of[s.NO3] + of[s.NH4];
  found[s.NH4] *= emis.air.over(bound(found), bound(model.base));
  found[s.water] *= emis.air.over(ions(found), ions(model.base));
  return found;
};

emis.air.proportional = function (model, air, ratio) {
  let change = 0;
  model.weight.forEach((row, a) => row.forEach((weight, n) => (change += weight * (ratio[a][n] - 1))));
  return [model.base * (1 + change)];
};

/** The linear source-receptor matrix; a species that the straight line takes below 0 is 0. */
emis.air.source_receptor = function (model, air, ratio) {
  return model.base.map((base, k) => {
    let value = base;
    model.response.forEach((area, a) => area.forEach((row, n) => (value += row[k] * (ratio[a][n] - 1))));
    return Math.max(value, 0);
  });
};

/** A response surface: C0 + sum over terms X prod (e - 1)^power. */
emis.air.response_surface = function (model, air, ratio) {
  const asked = ([area, precursor]) => {
    const n = air.precursors.indexOf(precursor);
    const value = area === "all" ? Math.max(...ratio.map((row) => row[n])) : ratio[air.areas.indexOf(area)][n];
    const [low, high] = model.box[`${area}.${precursor}`];
    return model.clamped ? Math.min(Math.max(value, low), high) : value;
  };
  return model.base.map((base, k) => model.terms.reduce((sum, term, j) => {
    const product = term.reduce((value, [name, power]) => value * Math.pow(asked(name) - 1, power), 1);
    return sum + product * model.coefficients[j][k];
  }, base));
};

/** The attainment test: what was observed by quarter times the response of a model by species. */
emis.air.attainment = function (model, air, ratio) {
  const s = Object.fromEntries(air.species.map((name, n) => [name, n]));
  const unchanged = air.areas.map(() => air.precursors.map(() => 1));
  const now = emis.air.rollback(model.inner, air, unchanged), then = emis.air.rollback(model.inner, air, ratio);
  const factor = now.map((value, k) => (value > 0 ? then[k] / value : 1));
  const ions = (of) => of[s.SO4] + of[s.NO3] + of[s.NH4];
  const quarters = model.base.map((observed) => {
    const found = observed.map((value, k) => value * factor[k]);
    const bound = observed[s.NH4] - 0.29 * observed[s.NO3];
    const neutral = observed[s.SO4] > 0 ? Math.max(bound, 0) / observed[s.SO4] : 0;
    const held = neutral * observed[s.SO4] + 0.29 * observed[s.NO3];
    found[s.NH4] = observed[s.NH4] * emis.air.over(neutral * found[s.SO4] + 0.29 * found[s.NO3], held);
    found[s.water] = observed[s.water] * emis.air.over(ions(found), ions(observed));
    return found;
  });
  return air.species.map((_, k) => emis.air.sum(quarters.map((one) => one[k])) / quarters.length);
};

/** Return PM2.5 [ug/m3] as it reads on the case's basis. */
emis.air.pm25 = (air, ratio) => air.reads * emis.air.sum(emis.air.concentrations(air.model, air, ratio));

/** Return the days of a year that PM2.5 leads to heavy pollution, at a mean [day]. */
emis.air.heavyDays = function (target, air, mean) {
  if (target.reach) {
    const ratio = mean / air.level, limit = ratio > 0 ? 1 / ratio : Infinity;
    return (target.length * target.reach.filter((one) => one > limit).length) / target.reach.length;
  }
  const m = Math.max(mean, Number.MIN_VALUE * 2 ** 52), s = target.spread;
  const z = (Math.log(target.limit) - Math.log(m) + (s * s) / 2) / s;
  return target.length * target.led * emis.air.tail(z);
};

/** Return 1 - Phi(z), the upper tail of the normal distribution, to about 1e-15 relative. */
emis.air.tail = function (z) {
  if (z < 0) return 1 - emis.air.tail(-z);
  const x = z / Math.SQRT2;
  if (x < 2) {
    // erf(x) = 2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!!
    let term = x, sum = x;
    for (let n = 1; n < 200 && term > 1e-18 * sum; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 0.5 - (Math.exp(-x * x) * sum) / Math.sqrt(Math.PI);
  }
  // erfc(x) = exp(-x^2)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...))))
  let fraction = x;
  for (let n = 120; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction / 2;
};
