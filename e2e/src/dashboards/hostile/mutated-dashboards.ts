import { hostileJson } from "@narthex/dashboards/testing";
import fc from "fast-check";
import { everyKind } from "./every-kind.ts";
import { oldRows, resourceForm } from "./old-forms.ts";
import type { Opened } from "./open-all.ts";

const CROWD = 10_000;
/**
 * Maximum size in characters of a panel that is copied many times. With larger panels, the dashboard would be too large
 * for a browser.
 */
const MAX_COPIED_CHARS = 4000;

/**
 * Generates damaged dashboards with few panel types. In dashboards with all types, most panels stay undamaged and only
 * take time.
 */
const fewKinds = fc
  .tuple(
    fc.shuffledSubarray(everyKind.panels.slice(0, -2), { minLength: 2, maxLength: 4 }),
    fc.subarray(everyKind.panels.slice(-2)),
  )
  .chain(([panels, rows]) => hostileJson({ ...everyKind, panels: [...panels, ...rows] }));

/** Fills a dashboard with many copies of one of its panels. */
function crowded(json: unknown): unknown {
  const { panels } = (json ?? {}) as { readonly panels?: unknown };
  const small = Array.isArray(panels)
    ? panels.filter((one) => (JSON.stringify(one)?.length ?? 0) <= MAX_COPIED_CHARS)
    : [];
  if (small.length === 0) return json;
  return {
    ...(json as object),
    panels: Array.from({ length: CROWD }, (_, at) => ({ ...small[at % small.length], id: at + 1 })),
  };
}

const json = fc.oneof(
  { weight: 70, arbitrary: fewKinds },
  { weight: 14, arbitrary: hostileJson(oldRows) },
  { weight: 14, arbitrary: hostileJson(resourceForm) },
  { weight: 2, arbitrary: fewKinds.map(crowded) },
);

/** Generates the query string of a dashboard's URL: usually for viewing, sometimes for editing. */
const query = fc.oneof(
  { weight: 24, arbitrary: fc.constant("") },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 20 }).map((id) => `?viewPanel=${id}`) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 20 }).map((id) => `?editPanel=${id}`) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom("settings", "annotations", "variables", "links", "versions", "json-model")
      .map((tab) => `?editview=${tab}`),
  },
);

/** Returns randomly damaged dashboards. The same seed always gives the same dashboards. */
export const mutatedDashboards = (seed: number, count: number): readonly Opened[] =>
  fc
    .sample(fc.record({ json, query }), { seed, numRuns: count })
    .map((one, at) => ({ ...one, what: `mutated ${at} of seed ${seed}${one.query}` }));
