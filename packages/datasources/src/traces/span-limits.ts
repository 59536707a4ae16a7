import { QueryFailure } from "../query-failure.ts";

/** Largest number of spans of a trace. */
const MAX_SPANS = 50_000;
/** Largest number of attributes of a span, a service or an event. More attributes are left out. */
export const MAX_ATTRIBUTES = 1000;
/** Largest number of events, links, warnings and stack traces of a span. More of them are left out. */
export const MAX_EVENTS = 1000;

/** Throws QueryFailure if a trace has more spans than the limit. */
export function checkSpanCount(count: number): void {
  if (count > MAX_SPANS)
    throw new QueryFailure(422, `the trace has more than ${MAX_SPANS} spans; open it in the server's own page`);
}
