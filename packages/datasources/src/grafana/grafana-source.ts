import type { Frame, JsonObject } from "@narthex/dashboards";
import type { Clock } from "@narthex/runtime";
import { answersInSlots } from "../cache/answers-in-slots.ts";
import type { QuerySlots } from "../cache/query-slots.ts";
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
} from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { givenFrames } from "../given-frames.ts";
import { objectAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { randomWalk } from "../testdata/random-walk.ts";
import { requestBudgets, type ValueBudget } from "../value-budget.ts";
import { RegionAllowance, timeRegions } from "./time-regions.ts";

/**
 * The data source `-- Grafana --`, which contacts no server. It returns generated numbers, frames stored in the
 * dashboard, and time regions.
 */
export class GrafanaSource implements DataSource {
  readonly #uid: string;
  readonly #slots: QuerySlots;
  readonly #clock: Clock;

  constructor({ uid }: DataSourceSettings, { desk, clock }: DataSourceEnvironment) {
    this.#uid = uid;
    this.#slots = desk.slots;
    this.#clock = clock;
  }

  /** Returns this source itself, because it has no series that matchers could limit. */
  limitedTo(): DataSource {
    return this;
  }

  query(
    queries: readonly DataQuery[],
    signal: AbortSignal,
    { user }: RequestContext = UNKNOWN_SENDER,
  ): Promise<ReadonlyMap<string, QueryAnswer>> {
    const { madeUp, cells } = queries[0]?.budgets ?? requestBudgets();
    const limits = { budget: madeUp, cells, allowance: new RegionAllowance(), clock: this.#clock };
    const slotRequest = { slots: this.#slots, source: this.#uid, user, signal };
    return answersInSlots(queries, slotRequest, (query) => framesOf(query, limits));
  }

  health(): Promise<Health> {
    return Promise.resolve({ status: "OK", message: "Data source is working" });
  }

  /**
   * Returns the time regions of an annotation query. Annotations that users have created do not come from this data
   * source.
   */
  async annotations(query: JsonObject, range: TimeRange): Promise<readonly Annotation[]> {
    const target = objectAt(query, "target") ?? query;
    if (textAt(target, "queryType") !== "timeRegions") return [];
    return timeRegions(objectAt(target, "timeRegion") ?? {}, range, new RegionAllowance()).map(({ from, to }) => ({
      time: from,
      ...(to > from && { timeEnd: to }),
      title: "",
      text: textAt(query, "name"),
      tags: [],
    }));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Limits {
  readonly budget: ValueBudget;
  readonly cells: ValueBudget;
  readonly allowance: RegionAllowance;
  readonly clock: Clock;
}

function framesOf(query: DataQuery, limits: Limits): readonly Frame[] | Promise<readonly Frame[]> {
  const { budget, cells, allowance, clock } = limits;
  const { refId, range, source } = query;
  const type = textAt(source, "queryType") || "randomWalk";
  switch (type) {
    case "randomWalk":
      return randomWalk(query, budget);
    case "snapshot":
      return givenFrames(source["snapshot"] ?? [], { refId, what: "the snapshot", cells, clock });
    case "timeRegions":
      return [regionFrame(refId, timeRegions(objectAt(source, "timeRegion") ?? {}, range, allowance))];
    default:
      throw new QueryFailure(
        400,
        `queries of type "${type}" are not supported; supported are randomWalk, snapshot and timeRegions`,
      );
  }
}

function regionFrame(refId: string, regions: readonly TimeRange[]): Frame {
  const column = (name: string, of: (region: TimeRange) => number): Frame["fields"][number] => ({
    name,
    type: "time",
    values: Float64Array.from(regions, of),
    config: {},
  });
  return {
    refId,
    length: regions.length,
    meta: { type: "annotations" },
    fields: [column("time", ({ from }) => from), column("timeEnd", ({ to }) => to)],
  };
}
