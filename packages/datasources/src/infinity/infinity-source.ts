import type { Frame, JsonObject, Notice } from "@narthex/dashboards";
import { reasonOf, runInTimeSlices } from "@narthex/runtime";
import { answerEach } from "../answer-each.ts";
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
import type { CountBytes } from "../cache/query-slots.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { flagAt, objectAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { annotationsOf, MAX_ANNOTATIONS, MAX_OPTIONS } from "../sql/sql-answers.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";
import { documentTable } from "./document-rows.ts";
import { InfinityClient } from "./infinity-client.ts";
import { readInfinityTarget, type InfinityTarget } from "./infinity-target.ts";
import { infinityOptions, optionsIn } from "./infinity-variables.ts";
import { timesOf } from "./row-columns.ts";
import { RowLimits } from "./row-limits.ts";
import { seriesFrame } from "./series-frame.ts";

/** Columns of annotations that contain times. */
const TIMES: ReadonlySet<string> = new Set(["time", "timeend"]);

interface Reading {
  readonly user: string;
  readonly signal: AbortSignal;
  readonly cells: ValueBudget;
  readonly maxRows?: number;
}

/** A data source that reads rows from JSON, CSV and XML, which it requests over HTTP or which a query contains. */
export class InfinitySource implements DataSource {
  readonly #settings: DataSourceSettings;
  readonly #environment: DataSourceEnvironment;
  readonly #client: InfinityClient;

  /** Throws QueryFailure if the settings are invalid. */
  constructor(settings: DataSourceSettings, environment: DataSourceEnvironment) {
    this.#settings = settings;
    this.#environment = environment;
    this.#client = new InfinityClient(settings, environment);
  }

  async query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const { cells } = queries[0]?.budgets ?? requestBudgets();
    return answerEach(queries, signal, async ({ refId, source }) => ({
      frames: [await this.#frame(source, refId, { user, signal, cells })],
      status: 200,
    }));
  }

  /** Requests and reads a document in a slot of the user. A document in the query itself needs a slot, too. */
  #frame(source: JsonObject, refId: string, reading: Reading): Promise<Frame> {
    const target = readInfinityTarget(source);
    const { desk } = this.#environment;
    return desk.slots.run(reading.user, this.#settings.uid, reading.signal, (count) =>
      this.#read(target, refId, reading, count),
    );
  }

  async #read(target: InfinityTarget, refId: string, reading: Reading, count: CountBytes): Promise<Frame> {
    const { clock } = this.#environment;
    const limits = new RowLimits(reading.cells, reading.maxRows);
    const { text, asked } = await this.#document(target, reading, count);
    const { fields, rows } = await documentTable(text, target, { limits, clock });
    const notices: Notice[] = [];
    if (limits.isCut) notices.push(warning("the document has more rows than are read; the other rows are not shown"));
    if (target.hasPages) notices.push(warning("only the first page is requested; pages are not supported"));
    const meta = { executedQueryString: asked, ...(notices.length > 0 && { notices }) };
    const table: Frame = { refId, name: refId, length: rows, fields, meta };
    if (!target.isTimeSeries) return table;
    return runInTimeSlices(clock, seriesFrame(table, clock.now(), reading.cells));
  }

  /** Resolves with the text of a target's document, and with the request for it. */
  async #document(
    target: InfinityTarget,
    { signal }: Reading,
    count: CountBytes,
  ): Promise<{ readonly text: string; readonly asked: string }> {
    if (target.inline !== undefined) {
      count(target.inline.length);
      return { text: target.inline, asked: "inline" };
    }
    const text = await this.#client.document(target, { signal, count });
    // As the query has it: the address of the source is not shown.
    return { text, asked: `${target.method} ${target.url}` };
  }

  async variableValues(
    query: string | JsonObject,
    _range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly VariableValue[]> {
    const source = infinityOptions(query);
    if (source === undefined) return [];
    const reading = { user, signal, cells: requestBudgets().cells, maxRows: MAX_OPTIONS };
    const { fields, length } = await this.#frame({ ...source, format: "table" }, "A", reading);
    return optionsIn(fields, length);
  }

  async annotations(
    query: JsonObject,
    _range: TimeRange,
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<readonly Annotation[]> {
    const source = objectAt(query, "target") ?? query;
    const reading = { user, signal, cells: requestBudgets().cells, maxRows: MAX_ANNOTATIONS };
    const { fields, length } = await this.#frame({ ...source, format: "table" }, "Anno", reading);
    const hasTime = fields.some(({ name }) => name.toLowerCase() === "time");
    const first = fields.find(({ type }) => type === "time");
    const named = fields.map((field) => (!hasTime && field === first ? { ...field, name: "time" } : field));
    // JSON has no type for times, so that a column whose type the query does not name contains texts.
    const timed = named.map((field) =>
      field.type === "string" && TIMES.has(field.name.toLowerCase()) ? timesOf(field) : field,
    );
    return annotationsOf(timed, length);
  }

  /** Requests the source's URL, or the URL of its health check. */
  async health(signal: AbortSignal): Promise<Health> {
    const { jsonData } = this.#settings;
    const isChecked = flagAt(jsonData, "customHealthCheckEnabled") === true;
    const url = isChecked ? textAt(jsonData, "customHealthCheckUrl") : (this.#client.base?.href ?? "");
    if (url === "") return { status: "OK", message: "Settings saved; the data source has no URL that can be tested." };
    try {
      await this.#client.document(readInfinityTarget({ url }), { signal });
      return { status: "OK", message: "Health check successful" };
    } catch (error) {
      if (signal.aborted) throw reasonOf(signal);
      if (!(error instanceof QueryFailure)) throw error;
      // The source's own URL may be the beginning of other URLs only.
      if (!isChecked && error.message.startsWith("the data source answered 404"))
        return { status: "OK", message: "Health check successful" };
      return { status: "ERROR", message: error.message };
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

const warning = (text: string): Notice => ({ severity: "warning", text });
