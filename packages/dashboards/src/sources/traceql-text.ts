/** A string or a comment of TraceQL. The closing quote of a string may be missing. */
const STRING_OR_COMMENT = /"(?:\\[^]|[^"\\\n])*"?|`[^`]*`?|\/\/[^\n]*/g;
/** A function of a metrics query, such as `| rate()`. */
const METRICS =
  /\|\s*(?:rate|count_over_time|sum_over_time|avg_over_time|max_over_time|min_over_time|quantile_over_time|histogram_over_time|compare)\s*\(/;
const TRACE_ID = /^[0-9a-f]{1,32}$/i;

/** Reports whether a text without spaces around it is the id of a trace, and not a query. */
export const isTraceId = (text: string): boolean => TRACE_ID.test(text);

/** Reports whether a query in TraceQL computes series instead of a list of traces. Strings and comments are ignored. */
export const isMetricsQuery = (text: string): boolean => METRICS.test(text.replaceAll(STRING_OR_COMMENT, '""'));
