import type { QueryLane } from "@narthex/querying";

/** Requests that count as use of the selected metrics. Listing series or labels does not count. */
const USES: ReadonlySet<string> = new Set(["federation", "remote read"]);

export const observedListings = (lane: QueryLane, onQuery: (text: string) => void): QueryLane => ({
  features: lane.features,
  maxConcurrency: lane.maxConcurrency,
  listActive: () => lane.listActive(),
  evaluate: (request) => lane.evaluate(request),
  answer: (request, withStats) => lane.answer(request, withStats),
  explain: (request, analyze) => lane.explain(request, analyze),
  async list(request) {
    const answer = await lane.list(request);
    const { kind, match } = request.listing;
    if (USES.has(kind)) for (const selector of match) onQuery(selector);
    return answer;
  },
  parse: (text, format, signal) => lane.parse(text, format, signal),
  close: () => lane.close(),
});
