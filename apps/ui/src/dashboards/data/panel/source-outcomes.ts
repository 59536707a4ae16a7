import type { PanelQuery, SourceListing } from "@narthex/dashboards";
import { ApiError } from "../../../api/request.ts";
import type { PanelAnswers } from "../panel-query-batcher.ts";

/** A data source that fails, or this page's own server. */
export interface SourceFailure {
  /** Uid of the data source. Empty if this page's own server does not respond. */
  readonly uid: string;
  readonly error: string;
  /** Time of the first of the failed requests, epoch ms. */
  readonly since: number;
}

/** How a data source has answered a panel's last request. */
interface SourceOutcome {
  /** Time of the request, epoch ms. */
  readonly at: number;
  /** Undefined if the data source has answered. */
  readonly failure: SourceFailure | undefined;
  /** Whether the data source was only too slow for the query. Other queries may succeed. */
  readonly isTimeout: boolean;
}

/** Outcomes of a panel's last request, by the uid of the data source. */
export type SourceOutcomes = ReadonlyMap<string, SourceOutcome>;

export const noOutcomes: SourceOutcomes = new Map();

/** Uid under which failures of this page's own server are kept. */
const OWN_SERVER = "";
const EXPRESSIONS = "__expr__";
const [UNREACHABLE, TIMEOUT] = [502, 504];

/**
 * Returns for each data source of a request whether it failed. An error of the query itself, such as a wrong
 * expression, does not count as a failure of its source.
 * @param before outcomes of the previous request, whose failures continue
 * @param at time of the request, epoch ms
 */
export function sourceOutcomes(
  queries: readonly PanelQuery[],
  answers: PanelAnswers,
  before: SourceOutcomes,
  at: number,
): SourceOutcomes {
  const outcomes = new Map<string, SourceOutcome>();
  for (const { refId, datasource } of queries) {
    const [uid, answer] = [datasource.uid ?? "", answers.get(refId)];
    if (answer === undefined || uid === EXPRESSIONS || outcomes.get(uid)?.failure !== undefined) continue;
    const { error, status } = answer;
    const hasFailed = error !== undefined && (status === UNREACHABLE || status === TIMEOUT);
    outcomes.set(uid, {
      at,
      failure: hasFailed ? { uid, error, since: before.get(uid)?.failure?.since ?? at } : undefined,
      isTimeout: status === TIMEOUT,
    });
  }
  return outcomes;
}

/** Returns the outcomes of a request that this page's own server has not answered. */
export function noResponseOutcomes(error: unknown, before: SourceOutcomes, at: number): SourceOutcomes {
  if (!(error instanceof ApiError) || error.type !== "network") return noOutcomes;
  const since = before.get(OWN_SERVER)?.failure?.since ?? at;
  const failure = { uid: OWN_SERVER, error: error.message, since };
  return new Map([[OWN_SERVER, { at, failure, isTimeout: false }]]);
}

/** Returns the name of a data source that fails, or of this page's own server. */
export const failingName = (uid: string, sources: readonly Pick<SourceListing, "uid" | "name">[]): string =>
  uid === OWN_SERVER ? "The server of this page" : (sources.find((source) => source.uid === uid)?.name ?? uid);

/**
 * Returns the data sources that fail, each with its earliest failure. A source has recovered if it has answered a later
 * request. A source that is too slow for one query, but answers another query of the same time, does not fail.
 */
export function failingSources(all: readonly SourceOutcomes[]): readonly SourceFailure[] {
  const answered = new Map<string, number>();
  for (const outcomes of all) {
    for (const [uid, { at, failure }] of outcomes)
      if (failure === undefined) answered.set(uid, Math.max(at, answered.get(uid) ?? 0));
    // If this page's own server has answered about any source, the server itself works.
    for (const [uid, { at }] of outcomes)
      if (uid !== OWN_SERVER) answered.set(OWN_SERVER, Math.max(at, answered.get(OWN_SERVER) ?? 0));
  }
  const failing = new Map<string, SourceFailure>();
  for (const outcomes of all)
    for (const [uid, { at, failure, isTimeout }] of outcomes) {
      const last = answered.get(uid) ?? 0;
      if (failure === undefined || at < last || (isTimeout && at === last)) continue;
      const known = failing.get(uid);
      if (known === undefined || failure.since < known.since) failing.set(uid, failure);
    }
  return [...failing.values()];
}
