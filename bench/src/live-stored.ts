import { type LiveTargets, liveValue } from "./live-targets.ts";

/** Comparison of stored samples with the pages that live targets served. */
export interface StoredCheck {
  /**
   * Number of completely sent pages that are not stored, without scrapes that failed according to `up`. The last page
   * of a target does not count, since scraping may end while the page arrives.
   */
  readonly lostPages: number;
  /** Number of series whose number or sum of samples differs from the target's stored pages. */
  readonly wrongSeries: number;
  /** Number of samples that were compared by count and sum. */
  readonly samples: number;
  readonly faults: readonly string[];
}

const TIMEOUT_MS = 120_000;

interface Element {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
  readonly values: readonly (readonly [number, string])[];
}

/**
 * Compares stored samples with served pages, target by target. One series shows which pages are stored; every other
 * series must have the same number of samples and the right sum.
 * @param fromS Unix time in s before the first scrape
 */
export async function checkStored(base: string, targets: LiveTargets, fromS: number): Promise<StoredCheck> {
  const span = `${Math.ceil((Date.now() / 1000 - fromS) * 1000)}ms`;
  const time = String(Date.now() / 1000);
  const faults: string[] = [];
  let [lostPages, wrongSeries, samples] = [0, 0, 0];
  for (const [target, served] of await targets.served()) {
    const selector = `{job="live",target="${target}",__name__=~"live_.+_total"}`;
    const first = await queryVector(base, `live_0_total{job="live",target="${target}",shard="0"}[${span}]`, time);
    const stored = (first[0]?.values ?? []).map(([, value]) => Number(value) - liveValue(0, 0));
    const lost = lostOf(served, new Set(stored));
    const ups = await queryVector(base, `up{job="live",target="${target}"}[${span}]`, time);
    const failed = (ups[0]?.values ?? []).filter(([, value]) => value === "0").length;
    if (lost.length > failed)
      faults.push(`target ${target}: scrapes ${lost.join(", ")} are not stored, of which ${failed} have failed`);
    lostPages += Math.max(0, lost.length - failed);

    const counts = await queryVector(base, `count_over_time(${selector}[${span}])`, time);
    const sums = await queryVector(base, `sum_over_time(${selector}[${span}])`, time);
    const wrong = wrongOf(stored, counts, sums, targets.shape.series);
    if (wrong > 0) faults.push(`target ${target}: ${wrong} series differ from the ${stored.length} stored pages`);
    wrongSeries += wrong;
    samples += counts.reduce((sum, { value }) => sum + Number(value[1]), 0);
  }
  return { lostPages, wrongSeries, samples, faults };
}

const lostOf = (served: readonly number[], stored: ReadonlySet<number>): number[] =>
  served.slice(0, -1).filter((scrape) => !stored.has(scrape));

function wrongOf(
  stored: readonly number[],
  counts: readonly Element[],
  sums: readonly Element[],
  series: number,
): number {
  const right = new Set<number>();
  const sumOf = new Map(sums.map(({ metric, value }) => [metric["shard"], Number(value[1])]));
  const numbers = stored.reduce((sum, scrape) => sum + scrape, 0);
  for (const { metric, value } of counts) {
    const shard = Number(metric["shard"]);
    // Expected sum of the series' values over the stored scrapes.
    const sum = stored.length * liveValue(shard, 0) + numbers * (liveValue(shard, 1) - liveValue(shard, 0));
    if (Number(value[1]) === stored.length && sumOf.get(metric["shard"]) === sum) right.add(shard);
  }
  return series - right.size;
}

async function queryVector(base: string, query: string, time: string): Promise<readonly Element[]> {
  const body = new URLSearchParams({ query, time });
  const response = await fetch(`${base}/api/v1/query`, {
    method: "POST",
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`${query}: ${response.status} ${(await response.text()).slice(0, 300)}`);
  return ((await response.json()) as { data: { result: readonly Element[] } }).data.result;
}
