/** Number of metrics of a large push that are processed before other work gets a turn. */
export const METRICS_PER_STEP = 1000;
