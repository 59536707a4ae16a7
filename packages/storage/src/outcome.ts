/**
 * The sample was accepted. An outcome is a small number that fits into one byte, so that append() can report one for
 * each sample of a batch instead of throwing.
 */
export const OUTCOME_OK = 0;
/** The sample is older than the last sample of its series, and outside the out-of-order window. */
export const OUTCOME_OUT_OF_ORDER = 1;
/**
 * The last sample of the series has the same timestamp and another value. (A repetition of the same value is OK and
 * stores nothing.)
 */
export const OUTCOME_DUPLICATE = 2;
/** The sample is older than the oldest time that the head accepts. */
export const OUTCOME_TOO_OLD = 3;
/** The sample is later than the limit that the caller set. */
export const OUTCOME_OUT_OF_BOUNDS = 4;
/** The reference is not valid, or no longer valid: call series() again. */
export const OUTCOME_UNKNOWN_SERIES = 5;
/** The histogram is inconsistent; model's histogramProblem() returns the reason. Nothing is stored. */
export const OUTCOME_INVALID_HISTOGRAM = 6;
/** The labels of an exemplar exceed the limit. Nothing is stored. */
export const OUTCOME_INVALID_EXEMPLAR = 7;
/** The storage has no room for the sample, or had none for its series, whose reference is NO_SERIES. */
export const OUTCOME_FULL = 8;
