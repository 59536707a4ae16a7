import type { QueryLane } from "@narthex/querying";

/** Kinds of listings that count as use of a metric. Lists of series or labels do not count. */
const USES: ReadonlySet<string> = new Set(["federation", "remote read"]);

/** Returns a lane of listings that calls `asked` with the selectors that other servers send. */
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
