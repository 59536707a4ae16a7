import { useQuery } from "@tanstack/react-query";
import type { DataSource } from "../datasource/data-source.ts";
import { ageProbe } from "../time/age-probe.ts";
import { nowMs } from "../time/browser-clock.ts";
import { defaultTimeRange } from "../time/time-range.ts";

/** Lengths of ranges that are tried, ms. The last one is the usual length. */
const LENGTHS: ReadonlyArray<readonly [offset: string, ms: number]> = [
  ["1m", 60_000],
  ["2m", 120_000],
  ["5m", 300_000],
  ["15m", 900_000],
  ["30m", 1_800_000],
  ["1h", defaultTimeRange.rangeMs],
];

const PROBE = ageProbe(["0s", ...LENGTHS.map(([offset]) => offset)]);

/** Returns the shortest length in ms that contains all data. Returns the usual length if there is no data. */
async function fittedRange(source: DataSource, signal: AbortSignal): Promise<number> {
  const { data } = await source.query(PROBE, nowMs() / 1000, signal);
  const found = new Set(data.resultType === "vector" ? data.result.map(({ metric }) => metric["before"]) : []);
  if (!found.has("0s")) return defaultTimeRange.rangeMs;
  // The longest offset with data counts, because data may be missing at a shorter one if nothing was scraped then.
  const last = LENGTHS.findLastIndex(([offset]) => found.has(offset));
  return (LENGTHS[last + 1] ?? LENGTHS.at(-1)!)[1];
}

/**
 * Returns the length of the time range for queries without one, ms: the usual length, or a shorter one while there is no
 * older data.
 */
export function useFittedRange(source: DataSource, isAsked: boolean): number {
  const { data = defaultTimeRange.rangeMs } = useQuery({
    queryKey: ["fitted range", source.id],
    queryFn: ({ signal }) => fittedRange(source, signal),
    enabled: isAsked && source.capabilities.language === "promql",
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data >= defaultTimeRange.rangeMs ? false : 60_000,
    staleTime: Infinity,
  });
  return isAsked ? data : defaultTimeRange.rangeMs;
}
