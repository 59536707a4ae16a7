import { median } from "./calibration.ts";
import type { Figure } from "./report.ts";
import { timeQuery, type Server } from "./servers.ts";

/** A query as it is sent over HTTP. */
export interface QueryParams {
  readonly path: "query" | "query_range";
  readonly parameters: Readonly<Record<string, string>>;
  /** Name of the query's group; the mean ratio is computed for each group. */
  readonly group: string;
}

/** Servers to compare, which have the same data. */
export interface Compared {
  readonly ours: Server;
  readonly peer: Server;
  readonly victoria: Server | undefined;
}

/** Median times in ms of one query. */
export interface QueryTimes {
  readonly query: QueryParams;
  readonly ours: number;
  readonly peer: number;
  readonly victoria: number | undefined;
}

const serversOf = ({ ours, peer, victoria }: Compared): Server[] =>
  victoria === undefined ? [ours, peer] : [ours, peer, victoria];

/**
 * Sends all queries `passes` times to each server without measuring them, because real servers have run for a while.
 */
export async function warmUp(compared: Compared, queries: readonly QueryParams[], passes: number): Promise<void> {
  for (const server of serversOf(compared)) {
    for (let pass = 0; pass < passes; pass++) {
      for (const { path, parameters } of queries) await timeQuery(server, path, parameters);
    }
  }
}

/**
 * Sends each query to all servers in turns. The first round is not measured; `rounds` measured rounds follow. Prints
 * the ratios, worst first.
 */
export async function measure(
  compared: Compared,
  queries: readonly QueryParams[],
  rounds: number,
): Promise<readonly QueryTimes[]> {
  const servers = serversOf(compared);
  const measured: QueryTimes[] = [];
  for (const query of queries) {
    const times = servers.map((): number[] => []);
    for (let round = 0; round <= rounds; round++) {
      for (const [i, server] of servers.entries()) {
        const spent = await timeQuery(server, query.path, query.parameters);
        if (round > 0) times[i]!.push(spent);
      }
    }
    const [ours, peer, victoria] = times.map(median) as [number, number, number?];
    measured.push({ query, ours, peer, victoria });
  }
  for (const { query, ours, peer, victoria } of measured.toSorted((a, b) => b.ours / b.peer - a.ours / a.peer)) {
    const third = victoria === undefined ? "" : ` / ${victoria.toFixed(1)}`;
    process.stdout.write(
      `  ${(ours / peer).toFixed(2)}  ${ours.toFixed(1)} / ${peer.toFixed(1)}${third} ms  ${query.group}  ${query.parameters["query"]}\n`,
    );
  }
  return measured;
}

/**
 * Returns mean ratios of this project's and VictoriaMetrics' times to Prometheus' time: for all queries, for each
 * group, and the highest ratio.
 */
export function ratioFigures(measured: readonly QueryTimes[]): Figure[] {
  const groups = [...new Set(measured.map(({ query }) => query.group))];
  const mean = (what: string, chosen: readonly QueryTimes[]): Figure => figure(what, chosen, geometricMean);
  return [
    mean("geometric mean of all", measured),
    ...groups.map((group) =>
      mean(
        `geometric mean, ${group}`,
        measured.filter(({ query }) => query.group === group),
      ),
    ),
    figure("highest of all", measured, (ratios) => Math.max(...ratios)),
  ];
}

function figure(what: string, chosen: readonly QueryTimes[], of: (ratios: readonly number[]) => number): Figure {
  const third = chosen.flatMap(({ victoria, peer }) => (victoria === undefined ? [] : [victoria / peer]));
  return {
    what,
    unit: "ratio",
    better: "lower",
    ours: [of(chosen.map(({ ours, peer }) => ours / peer))],
    peer: [],
    victoria: third.length === 0 ? undefined : [of(third)],
  };
}

const geometricMean = (ratios: readonly number[]): number =>
  Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);

/** Sends a query to each server three times. Measures each server's peak of resident memory. */
export async function memoryDuring(
  compared: Compared,
  what: string,
  { path, parameters }: Pick<QueryParams, "path" | "parameters">,
): Promise<Figure> {
  const peaks: number[] = [];
  for (const server of serversOf(compared)) {
    server.program.forgetPeak();
    for (let time = 0; time < 3; time++) await timeQuery(server, path, parameters);
    peaks.push(server.program.peakBytes() / 1e6);
  }
  const [ours, peer, ...victoria] = peaks;
  return { what: `peak memory, ${what}`, unit: "MB", better: "lower", ours: [ours!], peer: [peer!], victoria };
}
