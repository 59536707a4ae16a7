/** The evaluation times of a query: `start + i·step` ms for i in [0, count). An instant query has count 1 and step 0. */
export interface Grid {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Returns the evaluation times of a range query from `start` to `end`, both inclusive. Times are in ms. */
export const rangeGrid = (start: number, end: number, step: number): Grid => ({
  start,
  step,
  count: Math.floor((end - start) / step) + 1,
});

export const instantGrid = (time: number): Grid => ({ start: time, step: 0, count: 1 });

/** Returns the last evaluation time of a query, Unix ms. */
export const gridEnd = (grid: Grid): number => grid.start + grid.step * (grid.count - 1);
