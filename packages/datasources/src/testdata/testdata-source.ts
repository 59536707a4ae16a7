import { type Frame, type JsonObject, parseInterval } from "@narthex/dashboards";
import { type Clock, parseJsonInTurns } from "@narthex/runtime";
import { answersInSlots } from "../cache/answers-in-slots.ts";
import {
  type Annotation,
  type DataQuery,
  type DataSource,
  type DataSourceSettings,
  type Health,
  type QueryAnswer,
  type RequestContext,
  type TimeRange,
  UNKNOWN_SENDER,
  type VariableValue,
} from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { givenFrames } from "../given-frames.ts";
import { numberAt, objectAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";
import { csvFrame } from "./csv-frames.ts";
import { predictableCsvWave, predictablePulse } from "./pulse-frames.ts";
import { randomWalk, randomWalkTable, walkOf } from "./random-walk.ts";

/** Longest delay of a slow query, ms. */
const MAX_DELAY_MS = 60_000;
const MAX_LINES = 10_000;

interface ScenarioContext {
  readonly budget: ValueBudget;
  readonly cells: ValueBudget;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

type Scenario = (query: DataQuery, context: ScenarioContext) => readonly Frame[] | Promise<readonly Frame[]>;

const SCENARIOS: ReadonlyMap<string, Scenario> = new Map<string, Scenario>([
  ["random_walk", (query, { budget }) => randomWalk(query, budget)],
  ["random_walk_table", (query, { budget }) => randomWalkTable(query, budget)],
  ["csv_metric_values", csvMetricValues],
  ["csv_content", ({ refId, source }, { budget }) => [csvFrame(refId, textAt(source, "csvContent"), budget)]],
  ["predictable_pulse", (query, { budget }) => predictablePulse(query, budget)],
  ["predictable_csv_wave", (query, { budget }) => predictableCsvWave(query, budget)],
  ["no_data_points", () => []],
  ["slow_query", slowQuery],
  ["server_error_500", serverError],
  ["raw_frame", rawFrame],
  ["annotations", ({ refId, range, source }, { budget }) => [annotationFrame(refId, range, lineCount(source, budget))]],
  ["logs", logs],
]);

/** A data source with generated data, for testing panels. The same refId always gives the same numbers. */
export class TestDataSource implements DataSource {
  readonly #uid: string;
  readonly #environment: DataSourceEnvironment;

  constructor({ uid }: DataSourceSettings, environment: DataSourceEnvironment) {
    this.#uid = uid;
    this.#environment = environment;
  }

  query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const { clock, desk } = this.#environment;
    const { madeUp, cells } = queries[0]?.budgets ?? requestBudgets();
    const context = { budget: madeUp, cells, clock, signal };
    return answersInSlots(queries, { slots: desk.slots, source: this.#uid, user, signal }, (query) => {
      const id = textAt(query.source, "scenarioId") || "random_walk";
      return SCENARIOS.get(id)?.(query, context) ?? [placeholder(query.refId, id)];
    });
  }

  health(): Promise<Health> {
    return Promise.resolve({ status: "OK", message: "Data source is working" });
  }

  /** Returns the names below a path in an artificial tree: below `*` are A, B and C, below `A.*` are AA, AB and AC. */
  variableValues(query: string | JsonObject): Promise<readonly VariableValue[]> {
    const path = (typeof query === "string" ? query : textAt(query, "stringInput") || textAt(query, "query")).slice(
      0,
      1000,
    );
    const parts = path.split(".");
    const parent = parts.at(-2) ?? "";
    const last = parts.at(-1)!.replaceAll(/[{}]/g, "");
    const names = ["A", "B", "C"].map((letter) => parent.replaceAll(/[^A-Z]/g, "") + letter);
    const wanted = last === "*" || last === "" ? names : last.split(",");
    return Promise.resolve(wanted.map((text) => ({ text, value: text })));
  }

  annotations(query: JsonObject, range: TimeRange): Promise<readonly Annotation[]> {
    const source = objectAt(query, "target") ?? query;
    return Promise.resolve(
      markTimes(range, lineCount(source, requestBudgets().madeUp)).map((time, i) => ({
        time,
        title: "",
        text: `This is the text, ${i}`,
        tags: ["text", "server"],
      })),
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Returns the frame for values such as `1,20,null,5`, spread evenly over the range. */
function csvMetricValues({ refId, range, source }: DataQuery, { budget }: ScenarioContext): readonly Frame[] {
  const given = textAt(source, "stringInput");
  budget.take(given.length / 2);
  const texts = given.split(",").map((text) => text.trim());
  const values = texts.length === 1 && texts[0] === "" ? [] : texts;
  const step = values.length > 1 ? (range.to - range.from) / (values.length - 1) : 0;
  const nulls = Uint8Array.from(values, (text) => (text === "" || text === "null" ? 1 : 0));
  const name = textAt(source, "alias") || `${refId}-series`;
  return [
    {
      refId,
      name,
      length: values.length,
      meta: { type: "timeseries-multi" },
      fields: [
        {
          name: "Time",
          type: "time",
          values: Float64Array.from(values, (_, i) => Math.round(range.from + i * step)),
          config: {},
        },
        {
          name,
          type: "number",
          values: Float64Array.from(values, (text, i) => (nulls[i] === 1 ? 0 : Number(text))),
          ...(nulls.includes(1) && { nulls }),
          labels: {},
          config: {},
        },
      ],
    },
  ];
}

async function slowQuery(query: DataQuery, { budget, clock, signal }: ScenarioContext): Promise<readonly Frame[]> {
  await clock.sleep(Math.min(MAX_DELAY_MS, parseInterval(textAt(query.source, "stringInput")) ?? 5000), signal);
  return randomWalk(query, budget);
}

function serverError(): never {
  throw new QueryFailure(502, "Test Data Panic!");
}

/** Reads the frames that a target contains as JSON, in the form of answers of `/api/ds/query`. */
async function rawFrame({ refId, source }: DataQuery, { cells, clock }: ScenarioContext): Promise<readonly Frame[]> {
  let parsed: unknown;
  try {
    parsed = await parseJsonInTurns(clock, textAt(source, "rawFrameContent") || "[]");
  } catch {
    throw new QueryFailure(400, "the raw frame is not JSON");
  }
  return givenFrames(parsed, { refId, what: "the raw frame", cells, clock });
}

function lineCount(source: JsonObject, budget: ValueBudget): number {
  const count = Math.min(MAX_LINES, Math.max(0, Math.floor(numberAt(source, "lines") ?? 10)));
  budget.take(count * 3);
  return count;
}

function markTimes({ from, to }: TimeRange, count: number): readonly number[] {
  const step = (to - from) / Math.max(1, count);
  return Array.from({ length: count }, (_, i) => Math.round(from + i * step));
}

function annotationFrame(refId: string, range: TimeRange, count: number): Frame {
  const times = markTimes(range, count);
  return {
    refId,
    length: count,
    meta: { type: "annotations" },
    fields: [
      { name: "time", type: "time", values: Float64Array.from(times), config: {} },
      { name: "text", type: "string", values: times.map((_, i) => `This is the text, ${i}`), config: {} },
      { name: "tags", type: "json", values: times.map(() => ["text", "server"]), config: {} },
    ],
  };
}

function logs(query: DataQuery, { budget }: ScenarioContext): readonly Frame[] {
  const levels = ["emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"];
  const random = walkOf(query.refId, 0);
  const count = lineCount(query.source, budget);
  const times = Float64Array.from(markTimes(query.range, count)).reverse();
  const lines = Array.from(times, (_, i) => {
    const level = levels[Math.floor(random() * levels.length)]!;
    return { level, text: `t=${new Date(times[i]!).toISOString()} lvl=${level} msg="line ${count - i}"` };
  });
  return [
    {
      refId: query.refId,
      length: count,
      meta: { preferredVisualisationType: "logs" },
      fields: [
        { name: "time", type: "time", values: times, config: {} },
        { name: "message", type: "string", values: lines.map(({ text }) => text), config: {} },
        { name: "level", type: "string", values: lines.map(({ level }) => level), config: {} },
      ],
    },
  ];
}

const placeholder = (refId: string, id: string): Frame => ({
  refId,
  length: 0,
  fields: [],
  meta: { notices: [{ severity: "warning", text: `the scenario "${id}" is not supported` }] },
});
