import type { FrameAnswer, PanelQuery, PreparedQueries, SourceListing } from "@narthex/dashboards";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import type { PanelAnswers } from "../panel-query-batcher.ts";
import { type SourceOutcomes, sourceOutcomes, noResponseOutcomes } from "./source-outcomes.ts";

/** The results of a panel's queries, and how the last request went. */
export interface Answers {
  /** Results of the last request that succeeded. Undefined before. */
  readonly found: PanelAnswers | undefined;
  /** Time of the last request that succeeded, epoch ms. */
  readonly at: number;
  /** The shown results by refId. A query that failed keeps the frames of its previous result. */
  readonly answers: PanelAnswers;
  /** Time of the oldest kept frames of failed queries; undefined if no query failed. */
  readonly keptFrom?: number | undefined;
  /** Time of the frames, epoch ms; undefined if all frames are from the last request. */
  readonly asOf?: number | undefined;
  readonly failure: string | undefined;
  readonly outcomes: SourceOutcomes;
}

const hasFrames = (answer: FrameAnswer | undefined): boolean =>
  answer?.frames.some(({ length }) => length > 0) === true;

/** Reports whether a query failed in its source or on the server, and not because of an error in the query. */
const isLost = ({ error, status, frames }: FrameAnswer): boolean =>
  error !== undefined && status >= 500 && frames.length === 0;

/**
 * Returns the results of a request that succeeded.
 * @param before results of an earlier request with the same queries. They are returned if the server reports no
 * change, and queries that have failed now keep their frames.
 * @param outcomes outcomes of the previous request
 * @param now time of the request, epoch ms
 */
export function answersOf(
  found: PanelAnswers,
  { queries, unsent }: PreparedQueries,
  before: Answers | undefined,
  outcomes: SourceOutcomes,
  now: number,
): Answers {
  const common = { found, at: now, failure: undefined, outcomes: sourceOutcomes(queries, found, outcomes, now) };
  if (before?.found === found) return { ...before, ...common, asOf: before.keptFrom };
  let keptFrom: number | undefined;
  const answers = new Map<string, FrameAnswer>();
  for (const [refId, answer] of [...found, ...unsent]) {
    const last = before?.answers.get(refId);
    const isKept = before !== undefined && last !== undefined && isLost(answer) && hasFrames(last);
    if (isKept) keptFrom = before.keptFrom ?? before.at;
    answers.set(refId, isKept ? { ...answer, frames: last.frames } : answer);
  }
  return { ...common, answers, keptFrom, asOf: keptFrom };
}

/**
 * Returns the results of a request without a response: those of an earlier request with the same queries.
 * @param unsent error results of queries that could not be sent
 */
export function noResponseOf(
  error: unknown,
  unsent: PanelAnswers,
  before: Answers | undefined,
  outcomes: SourceOutcomes,
  now: number,
): Answers {
  const common = { failure: errorSentence(error), outcomes: noResponseOutcomes(error, outcomes, now) };
  if (before === undefined) return { ...common, found: undefined, at: now, answers: unsent };
  const isKept = [...before.answers.values()].some(hasFrames);
  return { ...before, ...common, asOf: isKept ? (before.keptFrom ?? before.at) : undefined };
}

/** Returns the names of the data sources to which queries are sent. */
export const queriedNames = (queries: readonly PanelQuery[], sources: readonly SourceListing[]): readonly string[] => [
  ...new Set(queries.flatMap(({ datasource }) => sources.find(({ uid }) => uid === datasource.uid)?.name ?? [])),
];
