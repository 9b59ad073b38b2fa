// The equation of emis, multiplied out in the browser: the same terms in the same order as the compiled kernels.
//
//   E[k,t,p] = F[k,p] w[k,t] (A[k,t] + sum x tau) prod (1 - x alpha) prod (1 - x eta)
//
// A model is what `emis.report.model.packed` gives; classes k stand for sources that all acts on alike.
"use strict";

const emis = {};

/** Unknown numbers travel as null and count as NaN. */
emis.known = (value) => (value === null ? NaN : value);

/** Return activity under the drivers, classes x years, and whether turnover takes more than there is.
 *  `rates` are growth or turnover [1/yr] by number of the driver. */
emis.activity = function (model, rates) {
  const years = model.years.length;
  const activity = model.activity.map((value) => new Array(years).fill(emis.known(value)));
  const leaving = new Array(model.activity.length).fill(0);
  const factor = model.activity.map(() => new Array(years).fill(1));
  for (const driver of model.drivers) {
    if (driver.share === undefined) {
      for (let y = 0; y < years; y++) {
        const age = model.years[y] - model.base;
        const grown = driver.growth === null ? driver.factor[y] : Math.pow(1 + rates[driver.number], age);
        for (const k of driver.classes) factor[k][y] *= grown;
      }
      continue;
    }
    driver.classes.forEach((k, i) => {
      leaving[k] += rates[driver.number];
      for (let y = 0; y < years; y++) {
        const tau = emis.known(model.activity[k]) * rates[driver.number] * (model.years[y] - model.base);
        activity[k][y] -= tau;
        if (driver.arrivals[i] >= 0) activity[driver.arrivals[i]][y] += tau * emis.known(driver.rate[i]);
      }
    });
  }
  let beyond = false;
  for (let k = 0; k < activity.length; k++) {
    for (let y = 0; y < years; y++) {
      const taken = leaving[k] * (model.years[y] - model.base);
      if (taken > 1 + 1e-12 && model.activity[k] > 0) beyond = true;
      if (leaving[k] > 0 && Math.abs(activity[k][y]) < 1e-12 * model.activity[k]) activity[k][y] = 0;
      activity[k][y] *= factor[k][y];
    }
  }
  return { activity, beyond };
};

/** Return what a transfer takes of each of its origins, origins x years: a part of each, or a whole split over them. */
emis.moved = function (model, transfer, activity) {
  const years = model.years.length, origins = transfer.origins;
  const taken = origins.map(() => new Array(years));
  for (let y = 0; y < years; y++) {
    if (transfer.weight === null) {
      origins.forEach((k, i) => (taken[i][y] = activity[k][y] * emis.known(transfer.part[i])));
      continue;
    }
    let whole = 0;
    origins.forEach((k, i) => (whole += activity[k][y] * emis.known(transfer.weight[i])));
    origins.forEach((k, i) => {
      const share = whole > 0 ? (activity[k][y] * emis.known(transfer.weight[i])) / whole : whole === 0 ? (i === 0 ? 1 : 0) : NaN;
      taken[i][y] = share * emis.known(transfer.part[i]);
    });
  }
  return taken;
};

/** Return all transfers, what they take, and where more is promised than there is when all that counts is in place.
 *  `counted` is how far each measure counts against a stock; with `scale` competing transfers are scaled down. */
emis.transfers = function (model, activity, counted, scale) {
  const years = model.years.length;
  const promised = activity.map(() => new Float64Array(years));
  const all = model.transfers.map((transfer) => ({ transfer, taken: emis.moved(model, transfer, activity) }));
  for (const { transfer, taken } of all) {
    const part = counted[transfer.measure];
    if (part > 0) transfer.origins.forEach((k, i) => taken[i].forEach((tau, y) => (promised[k][y] += part * tau)));
  }
  const short = [];
  promised.forEach((row, k) => row.forEach((amount, y) => {
    if (amount > activity[k][y] * (1 + 1e-12)) short.push({ class: k, year: model.years[y] });
  }));
  if (scale && short.length) {
    for (const one of all) {
      one.transfer.origins.forEach((k, i) => {
        for (let y = 0; y < years; y++) {
          if (promised[k][y] > activity[k][y] * (1 + 1e-12)) one.taken[i][y] *= activity[k][y] / promised[k][y];
        }
      });
    }
  }
  return { all, short };
};

/** Return emissions [t per period] as one array, (class, period, column).
 *  `levels` are measures x periods; `share` is w by profile and period. */
emis.emissions = function (model, activity, moves, levels, share) {
  const classes = activity.length, months = model.months, periods = model.years.length * months;
  const columns = model.columns.length, out = new Float64Array(classes * periods * columns);
  const stock = activity.map((row) => Float64Array.from({ length: periods }, (_, t) => row[Math.floor(t / months)]));
  const touched = new Uint8Array(classes);
  for (const { transfer, taken } of moves) {
    const level = levels[transfer.measure];
    transfer.origins.forEach((k, i) => {
      const there = transfer.arrivals[i], rate = emis.known(transfer.rate[i]);
      const leaving = model.seasons[transfer.season[i]], coming = model.seasons[transfer.season_there[i]];
      touched[k] = 1;
      if (there >= 0 && rate > 0) touched[there] = 1;
      for (let t = 0; t < periods; t++) {
        const tau = taken[i][Math.floor(t / months)];
        if (level[t] * leaving[t] !== 0) stock[k][t] -= level[t] * leaving[t] * tau;
        if (there >= 0 && rate > 0 && level[t] * coming[t] !== 0) stock[there][t] += level[t] * coming[t] * tau * rate;
      }
    });
  }
  const lists = model.intensities, left = new Float64Array(columns);
  for (let k = 0; k < classes; k++) {
    for (let t = 0; t < periods; t++) {
      let amount = stock[k][t];
      if (touched[k] && Math.abs(amount) < 2e-12 * activity[k][Math.floor(t / months)]) amount = 0;
      amount *= share[model.profile[k]][t];
      left.fill(1);
      for (let i = lists.pointer[k]; i < lists.pointer[k + 1]; i++) {
        const level = levels[lists.measure[i]][t] * model.seasons[lists.season[i]][t];
        const keep = model.keep[lists.row[i]];
        for (let p = 0; p < columns; p++) left[p] *= 1 - level * (1 - keep[p]);
      }
      for (let p = 0; p < columns; p++) {
        out[(k * periods + t) * columns + p] = emis.known(model.factor[k][p]) * amount * left[p];
      }
    }
  }
  emis.capped(model, levels, out, periods, columns);
  return out;
};

/** Put the caps on emissions: what is above a year's limit is removed as far as the cap is in place. */
emis.capped = function (model, levels, out, periods, columns) {
  const months = model.months;
  for (const cap of model.caps) {
    for (let y = 0; y < model.years.length; y++) {
      const days = model.days[y], level = levels[cap.measure].slice(y * months, (y + 1) * months);
      const mean = level.reduce((sum, x, n) => sum + x * days[n], 0) / days.reduce((sum, one) => sum + one, 0);
      const at = [];
      for (const k of cap.classes) {
        for (let t = y * months; t < (y + 1) * months; t++) at.push((k * periods + t) * columns + cap.column);
      }
      const whole = at.reduce((sum, i) => sum + out[i], 0);
      const excess = whole > cap.limit ? 1 - cap.limit / whole : Number.isNaN(whole) ? NaN : 0;
      if (mean > 0) at.forEach((i) => (out[i] *= 1 - mean * excess));
    }
  }
};

/** Return the yearly sum of a column over classes (null: all of them) [t/yr]. */
emis.total = function (model, emissions, column, year, classes) {
  const months = model.months, periods = model.years.length * months, columns = model.columns.length;
  let sum = 0;
  const add = (k) => {
    for (let t = year * months; t < (year + 1) * months; t++) sum += emissions[(k * periods + t) * columns + column];
  };
  if (classes === null) for (let k = 0; k < model.activity.length; k++) add(k);
  else classes.forEach(add);
  return sum;
};
