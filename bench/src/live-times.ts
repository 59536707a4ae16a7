import { fixedLoop } from "./calibration.ts";
import type { LiveQuery } from "./live-queries.ts";
import type { Server } from "./servers.ts";

/** Results of a query that was sent repeatedly. */
export interface LiveTimes {
  readonly query: LiveQuery;
  /** Wall-clock times in ms of the answered queries, until the end of the answer. */
  readonly ms: number[];
  /** CPU times in ms of the server for the answered queries, minus its usage without queries. */
  readonly cpuMs: number[];
  readonly failures: string[];
}

/** Results of all queries, and measurements of the machine's speed during the queries. */
export interface LiveRounds {
  readonly times: readonly LiveTimes[];
  /** Time of a fixed loop before each round, ms. */
  readonly loopMs: readonly number[];
}

/** Number of loop steps that take a few ms on an idle machine. */
const LOOP_STEPS = 1_000_000;

interface QueryLoad {
  readonly duringMs: number;
  /** Time limit of a query in ms. A query that takes longer counts as failed. */
  readonly timeoutMs: number;
  /** Returns the end of the requested data for a query, Unix time in s. */
  readonly end: () => number;
  /** Number of CPU cores that the server uses without queries. */
  readonly idleCores: number;
}

/** Sends the queries in turns for a time, each query at least once. */
export async function queryInTurns(
  server: Server,
  queries: readonly LiveQuery[],
  load: QueryLoad,
): Promise<LiveRounds> {
  const loopMs: number[] = [];
  const all = queries.map((query): LiveTimes => ({ query, ms: [], cpuMs: [], failures: [] }));
  const until = performance.now() + load.duringMs;
  do {
    loopMs.push(fixedLoop(LOOP_STEPS));
    for (const times of all) {
      if (times.ms.length + times.failures.length > 0 && performance.now() >= until) break;
      await queryOnce(server, times, load);
    }
  } while (performance.now() < until);
  return { times: all, loopMs };
}

async function queryOnce(
  { base, program }: Server,
  { query, ms, cpuMs, failures }: LiveTimes,
  { timeoutMs, end, idleCores }: QueryLoad,
): Promise<void> {
  const parameters = new URLSearchParams(query.parameters(end())).toString();
  const [began, cpu] = [performance.now(), program.threadsCpuMs()];
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${base}/api/v1/${query.path}?${parameters}`, { signal });
    const text = await response.text();
    const [took, spent] = [performance.now() - began, program.threadsCpuMs() - cpu];
    const fault = response.ok ? query.fault(text) : `${response.status} ${text.slice(0, 200)}`;
    if (fault === undefined) {
      ms.push(took);
      cpuMs.push(spent - took * idleCores);
    } else failures.push(fault);
  } catch (error) {
    failures.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}

/** Returns a quantile of the values; NaN for no values. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil((values.length - 1) * share)] ?? NaN;
