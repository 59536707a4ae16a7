import type { Shape } from "./live-targets.ts";

/** A scrape is late if its distance to the previous scrape is above this multiple of the configured interval. */
const LATE = 1.05;

/** Punctuality of scrapes, computed from the stored times of `up`. */
export interface ScrapeTimes {
  /** Number of expected scrapes of all targets that are missing or late. */
  readonly missedOrLate: number;
  /** Number of stored scrapes with `up` of 0. */
  readonly down: number;
  readonly worstIntervalS: number;
}

/** Stored samples of one `up` series: Unix times in s, and values. */
export type UpRow = readonly (readonly [time: number, value: string])[];

interface ScrapeWindow {
  /** Start and end of the measured time, Unix times in s. */
  readonly fromS: number;
  readonly toS: number;
  readonly shape: Pick<Shape, "targets" | "intervalS">;
  readonly timeoutMs: number;
}

/** Reads the stored `up` samples of a server in a span of time in which all targets should have been scraped. */
export async function scrapeTimes(base: string, { fromS, toS, shape, timeoutMs }: ScrapeWindow): Promise<ScrapeTimes> {
  const query = `up{job="live"}[${Math.ceil((toS - fromS) * 1000)}ms]`;
  const parameters = new URLSearchParams({ query, time: toS.toFixed(3) }).toString();
  const response = await fetch(`${base}/api/v1/query?${parameters}`, { signal: AbortSignal.timeout(timeoutMs) });
  const { data } = (await response.json()) as { data: { result: { values: UpRow }[] } };
  const rows = data.result.map(({ values }) => values);
  return intervals(rows, toS, { ...shape, spanS: toS - fromS });
}

/** @param toS Unix time in s when the last interval of each row ended */
export function intervals(
  rows: readonly UpRow[],
  toS: number,
  { targets, intervalS, spanS }: { readonly targets: number; readonly intervalS: number; readonly spanS: number },
): ScrapeTimes {
  // A target without samples missed every scrape.
  let missedOrLate = (targets - rows.length) * Math.floor(spanS / intervalS);
  let [worstIntervalS, down] = [0, 0];
  for (const row of rows) {
    down += row.filter(([, value]) => value !== "1").length;
    // The last sample has no successor; its interval ends at the end of the measured span.
    const times = [...row.map(([at]) => at), toS];
    for (let i = 1; i < times.length; i++) {
      const interval = times[i]! - times[i - 1]!;
      if (i < row.length) worstIntervalS = Math.max(worstIntervalS, interval);
      if (interval <= intervalS * LATE) continue;
      missedOrLate += Math.max(1, Math.round(interval / intervalS) - 1);
      worstIntervalS = Math.max(worstIntervalS, interval);
    }
  }
  return { missedOrLate, worstIntervalS, down };
}
