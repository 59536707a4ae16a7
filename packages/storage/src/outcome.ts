/** Outcome of one appended sample, one byte per sample, so that a batch needs no exceptions. */
export const OUTCOME_OK = 0;
/** Older than the series' last sample, and outside the out-of-order window. */
export const OUTCOME_OUT_OF_ORDER = 1;
/** Same timestamp as the last sample, another value. (The same value again is OK and stores nothing.) */
export const OUTCOME_DUPLICATE = 2;
/** Older than what the head still accepts. */
export const OUTCOME_TOO_OLD = 3;
/** Too far in the future for the caller's limit. */
export const OUTCOME_OUT_OF_BOUNDS = 4;
/** The reference is not (or no longer) valid: resolve the labels again. */
export const OUTCOME_UNKNOWN_SERIES = 5;
/** The histogram is inconsistent; model's histogramProblem() returns the reason. Nothing is stored. */
export const OUTCOME_INVALID_HISTOGRAM = 6;
/** The labels of an exemplar exceed the limit. Nothing is stored. */
export const OUTCOME_INVALID_EXEMPLAR = 7;
/** The storage has no room for the sample, or had none for its series, whose reference is NO_SERIES. */
export const OUTCOME_FULL = 8;
