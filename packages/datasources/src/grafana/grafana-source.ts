import type { Frame, JsonObject } from "@narthex/dashboards";
import type { Annotation, DataQuery, DataSource, Health, QueryAnswer, TimeRange } from "../data-source.ts";
import { givenFrames } from "../given-frames.ts";
import { objectAt, textAt } from "../json-values.ts";
import { answerOfFailure, QueryFailure } from "../query-failure.ts";
import { MADE_UP_VALUES, randomWalk } from "../testdata/random-walk.ts";
import { ValueBudget } from "../value-budget.ts";
import { timeRegions } from "./time-regions.ts";

/** `-- Grafana --`: what a dashboard shows without any server: numbers made up, what was kept in it, hours of days. */
export class GrafanaSource implements DataSource {
  query(queries: readonly DataQuery[]): Promise<ReadonlyMap<string, QueryAnswer>> {
    const budget = new ValueBudget(MADE_UP_VALUES);
    const answer = (query: DataQuery): QueryAnswer => {
      try {
        return { frames: framesOf(query, budget), status: 200 };
      } catch (error) {
        return answerOfFailure(error);
      }
    };
    return Promise.resolve(new Map(queries.map((query) => [query.refId, answer(query)])));
  }

  health(): Promise<Health> {
    return Promise.resolve({ status: "OK", message: "Data source is working" });
  }

  /** Time regions; annotations that people made are the role's to find. */
  async annotations(query: JsonObject, range: TimeRange): Promise<readonly Annotation[]> {
    const target = objectAt(query, "target") ?? query;
    if (textAt(target, "queryType") !== "timeRegions") return [];
    return timeRegions(objectAt(target, "timeRegion") ?? {}, range).map(({ from, to }) => ({
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

function framesOf(query: DataQuery, budget: ValueBudget): readonly Frame[] {
  const { refId, range, source } = query;
  const type = textAt(source, "queryType") || "randomWalk";
  switch (type) {
    case "randomWalk":
      return randomWalk(query, budget);
    case "snapshot":
      return givenFrames(source["snapshot"] ?? [], refId, "the snapshot");
    case "timeRegions":
      return [regionFrame(refId, timeRegions(objectAt(source, "timeRegion") ?? {}, range))];
    default:
      throw new QueryFailure(400, `queries of type "${type}" are not supported; supported are randomWalk, snapshot and timeRegions`); // prettier-ignore
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
