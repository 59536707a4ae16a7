import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, type Expr, parseExpression, type QueryFeatures } from "@narthex/promql";
import { type GroupSpec, type QueryElement, engineQuery, RuleError, RuleGroup, type RuleQuery } from "@narthex/rules";
import { createLogger, type Host, type Logger } from "@narthex/runtime";
import type { Queryable } from "@narthex/storage";
import { openTsdb } from "@narthex/tsdb";
import { InputFeed } from "./input-series.ts";
import { storedSamplesText } from "./stored-samples.ts";
import type { TestGroup } from "./test-file.ts";

/** Retention of the test storage in ms. This retention is long enough for tests at any time. */
const KEEP_MS = 1000 * 365 * 86_400_000;

/** Storage, query engine and rule groups of one test group. */
export interface Bench extends AsyncDisposable {
  readonly groups: readonly RuleGroup[];
  /** Stores the test's input up to a time (ms). */
  load(untilMs: number): Promise<void>;
  /** Evaluates an expression at a time (ms). Rejects with RuleError. */
  query(text: string, timeMs: number): Promise<readonly QueryElement[]>;
  /** Returns all samples after the start of the test up to a time (ms) as text. */
  stored(untilMs: number): Promise<string>;
}

const silent = ({ clock }: Host): Logger =>
  createLogger({ level: "error", format: "logfmt", clock, write: () => undefined });

/**
 * Opens the storage and rule groups of a test group in a temporary folder, which is removed when they are disposed.
 * Throws InputError.
 */
export async function openBench(
  host: Host,
  test: TestGroup,
  specs: ReadonlyMap<string, readonly GroupSpec[]>,
  intervalMs: number,
  features: QueryFeatures,
): Promise<Bench> {
  const feed = new InputFeed(test.inputSeries, test.startMs, test.intervalMs === 0 ? intervalMs : test.intervalMs);
  const folder = mkdtempSync(join(tmpdir(), "narthex-test-rules-"));
  const logger = silent(host);
  const tsdb = await openTsdb(folder, {
    clock: host.clock,
    logger,
    retentionMs: KEEP_MS,
    walFsync: "never",
    lockFile: false,
  });
  const query = instantQuery(host, tsdb.queryable, intervalMs, features);
  const around = {
    clock: host.clock,
    logger,
    query,
    parser: features,
    storage: tsdb.appendable,
    history: tsdb.queryable,
    notify: () => undefined,
    reportError: (error: unknown) => {
      throw error;
    },
    observer: { rule: () => undefined, group: () => undefined, expansion: () => undefined },
    externalUrl: test.externalUrl,
    resendDelayMs: 60_000,
    restore: { outageToleranceMs: 0, gracePeriodMs: 0 },
  };
  const defaults = { intervalMs, queryOffsetMs: 0, externalLabels: test.externalLabels };
  return {
    groups: [...specs].flatMap(([file, list]) =>
      list.map((spec) => new RuleGroup(file, spec, defaults, around, false)),
    ),
    load: (untilMs) => feed.load(tsdb.appendable, untilMs),
    query: (text, timeMs) => query(parsed(text, features), timeMs, new AbortController().signal, NO_GROUP),
    stored: (untilMs) => storedSamplesText(tsdb.queryable, test.startMs, untilMs),
    async [Symbol.asyncDispose]() {
      await tsdb.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Placeholder file and group for expressions that belong to no rule group. */
const NO_GROUP = { file: "", name: "" };

function parsed(text: string, features: QueryFeatures): Expr {
  const result = parseExpression(text, features);
  if (!result.ok) throw new RuleError(result.errors[0].toString());
  return result.expr;
}

function instantQuery(host: Host, queryable: Queryable, intervalMs: number, features: QueryFeatures): RuleQuery {
  const engine = createEngine({ clock: host.clock, defaultEvalIntervalMs: intervalMs, features });
  return engineQuery(host.clock, (request) => engine.query({ ...request, queryable }));
}
