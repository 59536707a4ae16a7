import type { FrameAnswer, PanelQuery } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { ApiError } from "../../../api/request.ts";
import {
  failingName,
  failingSources,
  noOutcomes,
  type SourceOutcomes,
  sourceOutcomes,
  noResponseOutcomes,
} from "./source-outcomes.ts";

const query = (refId: string, uid: string): PanelQuery => ({
  refId,
  datasource: { uid },
  intervalMs: 1,
  maxDataPoints: 1,
  source: {},
});
const ok: FrameAnswer = { frames: [], status: 200 };
const failed = (status: number): FrameAnswer => ({ frames: [], status, error: `error ${status}` });

/** Returns the outcomes of a request with one query for each data source. */
const outcomes = (answers: Readonly<Record<string, FrameAnswer>>, at: number, before = noOutcomes): SourceOutcomes =>
  sourceOutcomes(
    Object.keys(answers).map((uid) => query(`of ${uid}`, uid)),
    new Map(Object.entries(answers).map(([uid, answer]) => [`of ${uid}`, answer])),
    before,
    at,
  );
const failing = (...all: readonly SourceOutcomes[]): readonly string[] =>
  failingSources(all).map(({ uid, since }) => `${uid} since ${since}`);

test("only a source that cannot be reached or does not respond in time fails, not a query with an error", () => {
  const answers = { a: failed(400), b: failed(422), c: failed(500), d: failed(502), e: failed(504), f: ok };
  expect(failing(outcomes(answers, 5))).toEqual(["d since 5", "e since 5"]);
  expect(failing(sourceOutcomes([query("A", "__expr__")], new Map([["A", failed(502)]]), noOutcomes, 5))).toEqual([]);
});

test("a failure lasts since the first of the failed requests, over all panels", () => {
  const first = outcomes({ a: failed(502) }, 5);
  const second = outcomes({ a: failed(502) }, 6, first);
  expect(failing(second, outcomes({ a: failed(502) }, 6))).toEqual(["a since 5"]);
  expect(failing(outcomes({ a: failed(502) }, 8, outcomes({ a: ok }, 7, second)))).toEqual(["a since 8"]);
});

test("a source works again after an answer to a later request; kept answers of the same time do not count", () => {
  const down = outcomes({ a: failed(502) }, 5);
  expect(failing(down, outcomes({ a: ok }, 5))).toEqual(["a since 5"]);
  expect(failing(down, outcomes({ a: ok }, 6))).toEqual([]);
});

test("a source that is too slow for one query, but answers another one, does not fail", () => {
  const slow = outcomes({ a: failed(504) }, 5);
  expect(failing(slow, outcomes({ a: ok }, 5))).toEqual([]);
  expect(failing(slow, outcomes({ a: ok }, 4))).toEqual(["a since 5"]);
});

test("this page's own server fails if it does not respond, and works again after any answer", () => {
  const down = noResponseOutcomes(new ApiError("network", 0, "no response"), noOutcomes, 5);
  expect(failingSources([down])).toEqual([{ uid: "", error: "no response", since: 5 }]);
  expect(failing(noResponseOutcomes(new ApiError("network", 0, "no response"), down, 6))).toEqual([" since 5"]);
  expect(failing(down, outcomes({ a: failed(502) }, 6))).toEqual(["a since 6"]);
  expect(noResponseOutcomes(new ApiError("http", 403, "no"), noOutcomes, 5).size).toBe(0);
});

test("failingName() returns the name of a source, its uid if it is gone, or names this page's server", () => {
  const sources = [{ uid: "p", name: "Main" }];
  expect(["p", "q", ""].map((uid) => failingName(uid, sources))).toEqual(["Main", "q", "The server of this page"]);
});
