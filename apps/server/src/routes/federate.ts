import { type FamilySample, gather, type MetricFamily, writeAnswer } from "@narthex/exposition";
import { formValues, plainError } from "@narthex/http";
import { compareLabels, isStaleAt, type Labels, type Matcher, METRIC_NAME } from "@narthex/model";
import { type Queryable, SampleColumns } from "@narthex/storage";
import type { Clock } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";
import { selectorsOf } from "./selectors.ts";

interface Options {
  readonly storage: Queryable;
  readonly clock: Clock;
  readonly lookbackMs: number;
  readonly externalLabels: () => Labels;
  readonly failed: () => void;
}

/** `/federate`: the latest sample of each chosen series, for another server to scrape. */
export function federateRoute(app: FastifyInstance, options: Options): void {
  app.get("/federate", async (request, reply) => {
    let selectors: readonly (readonly Matcher[])[];
    try {
      selectors = selectorsOf(formValues(request), false, true);
    } catch (error) {
      return plainError(reply, 400, error instanceof Error ? error.message : String(error));
    }
    try {
      const families = await latestSamples(selectors, options);
      const { body, contentType } = writeAnswer(gather(families), request.headers.accept);
      return await reply.header("content-type", contentType).send(body);
    } catch (error) {
      options.failed();
      throw error;
    }
  });
}

async function latestSamples(selectors: readonly (readonly Matcher[])[], options: Options): Promise<MetricFamily[]> {
  const end = options.clock.now();
  const start = end - options.lookbackMs;
  const querier = options.storage.querier(start, end);
  const seen = new Set<string>();
  const byName = new Map<string, { labels: Labels; sample: FamilySample }[]>();
  const columns = new SampleColumns();
  try {
    for (const matchers of selectors) {
      const set = await querier.select(matchers, { start, end });
      set.labels.forEach((labels, i) => {
        if (seen.has(labels.key)) return;
        seen.add(labels.key);
        set.read(i, start, end, columns);
        const last = columns.count - 1;
        if (last < 0 || isStaleAt(columns.valueWords, last) || columns.histograms?.[last] !== undefined) return;
        const name = labels.get(METRIC_NAME);
        const rows = byName.get(name) ?? [];
        byName.set(name, rows);
        const sample = {
          suffix: "",
          labels: federatedLabels(labels, options.externalLabels()),
          value: columns.values[last]!,
          timestampMs: columns.timestamps[last]!,
        };
        rows.push({ labels, sample });
      });
    }
  } finally {
    querier.close();
  }
  return [...byName].map(([name, rows]) => ({
    name,
    help: undefined,
    type: "unknown",
    samples: rows.sort((a, b) => compareLabels(a.labels, b.labels)).map(({ sample }) => sample),
  }));
}

/** Own labels, external labels where absent, and an empty instance where there is none, so that the reader adds none. */
function federatedLabels(labels: Labels, external: Labels): string[] {
  const pairs = labels.without(METRIC_NAME).pairs.slice();
  for (const [name, value] of external) if (!labels.has(name)) pairs.push(name, value);
  if (!labels.has("instance") && !external.has("instance")) pairs.push("instance", "");
  return pairs;
}
