/** Number of metrics of a large push that are processed in one step. */
export const METRICS_PER_STEP = 1000;
