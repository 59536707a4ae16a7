/**
 * Result for an accepted sample. The OUTCOME_* numbers fit into one byte, so that append() can report a result for each
 * sample of a batch instead of throwing an error.
 */
export const OUTCOME_OK = 0;
/** Result for a sample that is older than the newest sample of its series, and outside the out-of-order window. */
export const OUTCOME_OUT_OF_ORDER = 1;
/**
 * Result for a sample that has the time of the newest sample of its series but another value. (If the values are equal
 * too, the result is OK and nothing is stored.)
 */
export const OUTCOME_DUPLICATE = 2;
/** Result for a sample that is older than the oldest time that the storage accepts. */
export const OUTCOME_TOO_OLD = 3;
/** Result for a sample that is later than the appender's `maxTimestamp`. */
export const OUTCOME_OUT_OF_BOUNDS = 4;
/** Result for an invalid or expired series number. The caller must call series() again. */
export const OUTCOME_UNKNOWN_SERIES = 5;
/**
 * Result for an inconsistent histogram. The histogram is not stored. histogramProblem() in the package model returns
 * the reason.
 */
export const OUTCOME_INVALID_HISTOGRAM = 6;
/** Result for an exemplar whose labels are too long. The exemplar is not stored. */
export const OUTCOME_INVALID_EXEMPLAR = 7;
/** Result if the storage has no room for the sample or for its series. */
export const OUTCOME_FULL = 8;
