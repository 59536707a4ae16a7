import { filledQuery, type Lookup, loadQueryExtras } from "@narthex/dashboards";
import { dataSourceKind } from "@narthex/datasources";
import { startDashboards } from "../../../support/dashboards-instance.ts";
import type { Running } from "../../../support/running.ts";
import { Workplace } from "../../../support/workplace.ts";

const HEADERS = { authorization: `Basic ${btoa("admin:secret")}`, "content-type": "application/json" };

/** A range of times in epoch ms. */
export interface AskedRange {
  readonly from: number;
  readonly to: number;
}

/** The night in which Berlin changes to summer time: no clock shows the times from 02:00 to 03:00. */
export const SPRING: AskedRange = { from: Date.UTC(2024, 2, 31, 0), to: Date.UTC(2024, 2, 31, 3) };
/** The night in which Berlin changes to winter time: each clock shows the times from 02:00 to 03:00 twice. */
export const AUTUMN: AskedRange = { from: Date.UTC(2024, 9, 26, 23), to: Date.UTC(2024, 9, 27, 3) };

type Target = Readonly<Record<string, unknown>>;

/** A query of a table, and the settings of its panel. */
export interface AskedQuery {
  readonly target: Target;
  /** Values of variables: a text for a single value, a list for several values. */
  readonly variables?: Readonly<Record<string, string | readonly string[]>>;
  /** Names of variables whose value is the text of the dashboard for "All", which is inserted unchanged. */
  readonly verbatim?: readonly string[];
  readonly range?: AskedRange;
  readonly intervalMs?: number;
  /** Uid of the source. Default: `asked`. */
  readonly uid?: string;
}

/** A row of a table: the sentence that the query shows, the query, and the lines of its answer. */
export type QueryCase<Q> = readonly [title: string, query: Q, lines: readonly string[]];

/** The settings of a source in a provisioning file. */
export interface ProvisionedSource {
  readonly uid: string;
  readonly type: string;
  readonly [setting: string]: unknown;
}

interface AnsweredField {
  readonly name: string;
  readonly type: string;
  readonly labels?: Readonly<Record<string, string>>;
}

interface AnsweredFrame {
  readonly schema: {
    readonly name?: string;
    readonly fields: readonly AnsweredField[];
    readonly meta?: { readonly notices?: readonly { readonly text: string }[] };
  };
  readonly data: {
    readonly values: readonly (readonly unknown[])[];
    readonly entities?: readonly (Readonly<Record<"NaN" | "Inf" | "NegInf", readonly number[] | undefined>> | null)[];
  };
}

interface Answered {
  readonly status: number;
  readonly frames?: readonly AnsweredFrame[];
  readonly error?: string;
}

/** A dashboards role whose sources come from a provisioning file. The time zone of its process is New York's. */
export class AnsweringRole implements AsyncDisposable {
  readonly #workplace: Workplace;
  readonly running: Running;
  readonly #base: string;
  readonly #types: ReadonlyMap<string, string>;

  private constructor(workplace: Workplace, running: Running, base: string, sources: readonly ProvisionedSource[]) {
    this.#workplace = workplace;
    this.running = running;
    this.#base = base;
    this.#types = new Map(sources.map(({ uid, type }) => [uid, type]));
  }

  static async start(sources: readonly ProvisionedSource[]): Promise<AnsweringRole> {
    await loadQueryExtras();
    const workplace = new Workplace();
    const datasources = sources.map((source) => ({ name: source.uid, access: "proxy", ...source }));
    workplace.write("provisioning/datasources/all.yml", JSON.stringify({ apiVersion: 1, datasources }));
    const { running, base } = await startDashboards(workplace, "data", { TZ: "America/New_York" });
    await running.ready(`${base}/api/health`);
    return new AnsweringRole(workplace, running, base, sources);
  }

  /** Asks `/api/ds/query`. Resolves with a line for each named series, field, notice and error of the answer. */
  async lines(query: AskedQuery, signal?: AbortSignal): Promise<readonly string[]> {
    const answer = await this.answer(query, signal);
    if (answer === undefined) return [];
    if (answer.error !== undefined) return [`error ${answer.status}: ${answer.error}`];
    return (answer.frames ?? []).flatMap(frameLines);
  }

  /** Asks `/api/ds/query`. Resolves with the answer of the query, or with undefined if the query is not answered. */
  async answer(query: AskedQuery, signal?: AbortSignal): Promise<Answered | undefined> {
    const { uid = "asked", range = SPRING, intervalMs = 60_000 } = query;
    const type = this.#types.get(uid)!;
    const target = filledQuery(query.target, dataSourceKind(type)!, lookupOf(query));
    const asked = { refId: "A", datasource: { type, uid }, intervalMs, maxDataPoints: 1000, ...target };
    const body = JSON.stringify({ from: String(range.from), to: String(range.to), queries: [asked] });
    const options = { method: "POST", headers: HEADERS, body, signal: signal ?? null };
    const response = await fetch(`${this.#base}/api/ds/query`, options);
    const answer = (await response.json()) as { readonly results?: Readonly<Record<string, Answered>> };
    if (answer.results === undefined) throw new Error(JSON.stringify(answer));
    return answer.results["A"];
  }

  /** Resolves with the message of "Save & test". */
  async health(uid = "asked"): Promise<string> {
    const response = await fetch(`${this.#base}/api/datasources/uid/${uid}/health`, { headers: HEADERS });
    return ((await response.json()) as { readonly message: string }).message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running[Symbol.asyncDispose]();
    this.#workplace[Symbol.dispose]();
  }
}

const lookupOf =
  ({ variables = {}, verbatim = [] }: AskedQuery): Lookup =>
  (name) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) return undefined;
    const values = typeof value === "string" ? [value] : value;
    return { name, values, texts: values, isMulti: typeof value !== "string", isVerbatim: verbatim.includes(name) };
  };

function frameLines({ schema, data }: AnsweredFrame): readonly string[] {
  const fields = schema.fields.map(({ name, type, labels = {} }, at) => {
    const entries = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    const written = entries.length === 0 ? "" : `{${entries.join(",")}}`;
    return `${name}${written} ${type} ${shownValues(data, at, type)}`;
  });
  // The frames of ClickHouse have the id of the query as their name.
  const name = schema.name === undefined || schema.name === "A" ? [] : [`series ${schema.name}`];
  return [...name, ...fields, ...(schema.meta?.notices ?? []).map(({ text }) => `notice: ${text}`)];
}

/** Returns the values of a field as a short text. Times are in UTC. */
function shownValues({ values, entities }: AnsweredFrame["data"], at: number, type: string): string {
  const numbers = entities?.[at];
  const shown = values[at]!.map((value, row) => {
    if (numbers?.NaN?.includes(row) === true) return "NaN";
    if (numbers?.Inf?.includes(row) === true) return "Inf";
    if (numbers?.NegInf?.includes(row) === true) return "-Inf";
    return type === "time" && typeof value === "number" ? shownTime(value) : JSON.stringify(value);
  });
  return shown.join(" ");
}

const shownTime = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replace(/\.000Z$/, "Z")
    .replace(/:00Z$/, "Z");
