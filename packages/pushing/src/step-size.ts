/** Metrics of a large push that are worked on in one step. */
export const METRICS_PER_STEP = 1000;
