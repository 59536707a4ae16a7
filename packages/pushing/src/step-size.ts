/** Number of metrics of a large push that are processed before the task yields to other work. */
export const METRICS_PER_STEP = 1000;
