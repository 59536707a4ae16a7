import { type Frame, type JsonObject, valueAt } from "@narthex/dashboards";
import type { DataSource, DataSourceSettings, QueryAnswer, RequestContext } from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { openDataSource } from "../registry.ts";
import type { RequestBudgets } from "../value-budget.ts";
import {
  environmentAt,
  type FakeAnswer,
  FakeServer,
  never,
  queryOf,
  type ReceivedRequest,
  settingsOf,
} from "./fake-server.ts";

/** A data source, and the made server that it asks. */
export interface SourceRig {
  readonly server: FakeServer;
  readonly source: DataSource;
  readonly ask: (target: JsonObject, more?: AskedWith) => Promise<QueryAnswer>;
  /** Advances the clock of the source. */
  readonly advance: (ms: number) => Promise<void>;
}

interface AskedWith {
  /** Range in seconds. */
  readonly range?: readonly [number, number];
  readonly signal?: AbortSignal;
  readonly context?: RequestContext;
  readonly budgets?: RequestBudgets;
}

/** Opens sources for tests, and closes them all. */
export class SourceRigs {
  readonly #type: string;
  readonly #opened: { close(): Promise<void> }[] = [];

  constructor(type: string) {
    this.#type = type;
  }

  async open(
    answer: (request: ReceivedRequest) => FakeAnswer | undefined,
    settings: Partial<DataSourceSettings> = {},
    environment: Partial<DataSourceEnvironment> = {},
  ): Promise<SourceRig> {
    const server = await FakeServer.open(answer);
    const opening = environmentAt(10_000_000, environment);
    const source = openDataSource(settingsOf(this.#type, server.url, settings), opening);
    this.#opened.push(server, source);
    return {
      server,
      source,
      async ask(target, { range, signal = never(), context, budgets } = {}) {
        const answers = await source.query(
          [{ ...queryOf(target, range), ...(budgets !== undefined && { budgets }) }],
          signal,
          context,
        );
        return answers.get("A")!;
      },
      advance: (ms) => opening.clock.advance(ms),
    };
  }

  async close(): Promise<void> {
    for (const one of this.#opened.splice(0).reverse()) await one.close();
  }
}

/** Returns the values of a frame by the names of its columns. */
export const columnsOf = (frame: Frame): Readonly<Record<string, readonly unknown[]>> =>
  Object.fromEntries(
    frame.fields.map((field) => [field.name, Array.from({ length: frame.length }, (_, row) => valueAt(field, row))]),
  );
