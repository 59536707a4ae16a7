import { join } from "node:path";
import { launchProfile } from "./chromium-page.ts";
import { flag, rounds } from "./flags.ts";
import { PostgresServer } from "./postgres.ts";
import { pause } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import {
  openPanels,
  type PanelRequest,
  refreshPanels,
  type SourcesRole,
  startSourcesRole,
  untilPages,
} from "./sources-role.ts";

const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
/** Rows of the table: 10,000 times, each with a row for 10 hosts. */
const [ROWS, TIMES, HOSTS] = [100_000, 10_000, 10];
/** Rows of the large result: the row limit of SQL sources. Its 3 columns keep it below the limit of 64 MiB. */
const MANY_ROWS = 1_000_000;
/** Time in ms until a browser saves the compiled code of a page that it has shown twice. */
const COMPILED_MS = 2500;
const MIB = 1024 ** 2;
const FRAMES = "application/vnd.narthex.frames";
const FROM = Date.UTC(2026, 0, 1);

const table = (rows: number): string => `
  CREATE TABLE rows_${rows} AS
  SELECT to_timestamp(${FROM / 1000} + 10 * (n / ${HOSTS})) AS time, 100 * sin(n / 1000.0) AS value,
         'host-' || n % ${HOSTS} AS host, 'region-' || n % ${HOSTS} / 4 AS region, n % 997 AS hits,
         (n::bigint * 7919) % 101 / 10.0 AS load
  FROM generate_series(0, ${rows - 1}) AS n`;

const select = (rows: number, columns = "time, value, host, region, hits, load"): string =>
  `SELECT ${columns} FROM rows_${rows} ORDER BY time`;

/** Columns whose values are other ones at each refresh, so that the page draws them again. */
const CHANGING = "time, value + random() AS value, host, region, hits, load";

/** Kinds of panels, with the format of their query. */
const panels = [
  { uid: "series", type: "timeseries", format: "time_series", what: "time series" },
  { uid: "table", type: "table", format: "table", what: "table" },
] as const;

const dashboards = panels.map(({ uid, type, format }) => {
  const range = { from: new Date(FROM).toISOString(), to: new Date(FROM + TIMES * 10_000).toISOString() };
  const target = { refId: "A", format, rawQuery: true, editorMode: "code", rawSql: select(ROWS, CHANGING) };
  const datasource = { type: "postgres", uid: "pg" };
  const gridPos = { x: 0, y: 0, w: 24, h: 18 };
  const text = { id: 2, type: "text", title: "Text", gridPos: { x: 0, y: 18, w: 24, h: 2 }, options: { content: "-" } };
  return {
    uid,
    title: uid,
    schemaVersion: 41,
    time: range,
    panels: [{ id: 1, type, title: uid, gridPos, datasource, targets: [target] }, text],
  };
});

const figure = (what: string, unit: string, ours: readonly number[]): Figure => ({
  what,
  unit,
  better: "lower",
  ours,
  peer: [],
});

/** Returns the figures of the requests of one panel. */
function requestFigures(what: string, opened: readonly PanelRequest[], refreshed: readonly Refresh[]): Figure[] {
  const times = (what: string, all: readonly PanelRequest[]): readonly Figure[] => [
    figure(
      `${what}, from the request until it is drawn, at most 500`,
      "ms",
      all.map((one) => one.all),
    ),
    figure(
      "… until the first byte: the source, and the encoding",
      "ms",
      all.map(({ waiting }) => waiting),
    ),
    figure(
      "… transfer",
      "ms",
      all.map(({ transfer }) => transfer),
    ),
    figure(
      "… from the last byte until it is drawn",
      "ms",
      all.map(({ drawing }) => drawing),
    ),
  ];
  const busy = refreshed.map((one) => one.busy);
  return [
    ...times(`${what}: a first visit`, opened),
    ...times(`${what}: a refresh`, refreshed),
    figure("… CPU time of the main thread", "ms", busy),
    figure("… length of the answer", "MiB", [refreshed[0]!.bytes / MIB]),
  ];
}

type Refresh = Awaited<ReturnType<typeof refreshPanels>>;

async function measurePages(folder: string, base: string): Promise<{ readonly figures: Figure[]; browser: string }> {
  const context = await launchProfile(join(folder, "profile"));
  try {
    const figures: Figure[] = [];
    for (const { uid, what } of panels) {
      const opened: PanelRequest[] = [];
      const refreshed: Refresh[] = [];
      for (let round = -2; round < ROUNDS; round++) {
        const page = await context.newPage();
        const session = await context.newCDPSession(page);
        await session.send("Performance.enable", { timeDomain: "threadTicks" });
        const first = await openPanels(page, `${base}/d/${uid}`);
        await refreshPanels(page, session);
        const second = await refreshPanels(page, session);
        // Skips the first rounds, which compile code.
        if (round < 0) await pause(COMPILED_MS);
        else {
          opened.push(first);
          refreshed.push(second);
        }
        await page.close();
      }
      figures.push(...requestFigures(`${what} of ${ROWS} rows`, opened, refreshed));
    }
    return { figures, browser: context.browser()?.version() ?? "" };
  } finally {
    await context.close();
  }
}

/** A request for rows as a table: media type of the answer, and number of rows. */
interface Bulk {
  readonly what: string;
  readonly accept: string;
  readonly rawSql: string;
}

const bulks: readonly Bulk[] = [
  { what: `${ROWS} rows × 6 columns`, rawSql: select(ROWS) },
  { what: `${MANY_ROWS} rows × 3 columns`, rawSql: select(MANY_ROWS, "time, host, load") },
].flatMap(({ what, rawSql }) => [
  { what: `${what} as frames of the pages`, accept: FRAMES, rawSql },
  { what: `${what} as JSON`, accept: "application/json", rawSql },
]);

/** Sends health checks until the signal is aborted. Resolves with the time of the slowest one, ms. */
async function slowestCheck(base: string, signal: AbortSignal): Promise<number> {
  let most = 0;
  while (!signal.aborted) {
    const before = performance.now();
    await (await fetch(`${base}/api/health`)).arrayBuffer();
    most = Math.max(most, performance.now() - before);
    await pause(1);
  }
  return most;
}

/** Reads an answer, and resolves with the time in ms, the length in bytes, and the slowest health check meanwhile, ms. */
async function readBulk(base: string, { accept, rawSql }: Bulk): Promise<readonly [number, number, number]> {
  const query = { refId: "A", datasource: { uid: "pg" }, format: "table", rawSql };
  const body = JSON.stringify({ from: "0", to: String(FROM), queries: [query] });
  const headers = { "content-type": "application/json", accept };
  const ended = new AbortController();
  const slowest = slowestCheck(base, ended.signal);
  const before = performance.now();
  const response = await fetch(`${base}/api/ds/query`, { method: "POST", headers, body });
  if (response.status !== 200) throw new Error(`the role answered ${response.status}: ${await response.text()}`);
  let length = 0;
  for await (const piece of response.body!) length += piece.length;
  const took = performance.now() - before;
  ended.abort();
  return [took, length, await slowest];
}

/** Measures time, memory and delays of other requests for large answers. Starts a role for each kind of answer. */
async function measureBulks(start: () => Promise<SourcesRole>): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const bulk of bulks) {
    const { program, base } = await start();
    await using _ended = program;
    await pause(2000);
    const atRest = program.residentBytes();
    const [times, lengths, peaks, delays]: readonly [number[], number[], number[], number[]] = [[], [], [], []];
    for (let round = -1; round < Math.min(3, ROUNDS); round++) {
      program.forgetPeak();
      const [took, length, delay] = await readBulk(base, bulk);
      const peak = (program.peakBytes() - atRest) / MIB;
      await pause(1000);
      if (round < 0) continue;
      times.push(took);
      lengths.push(length / MIB);
      peaks.push(peak);
      delays.push(delay);
    }
    figures.push(figure(`${bulk.what}, until the last byte`, "ms", times));
    figures.push(figure("… length", "MiB", lengths.slice(0, 1)));
    figures.push(figure("… peak of resident memory above the memory at rest", "MiB", peaks));
    figures.push(figure("… the slowest of the health checks meanwhile", "ms", delays));
  }
  return figures;
}

/** Measures how long rows of PostgreSQL take to the pixels of a panel, and what large results cost the role. */
export const sqlRowsCase: BenchCase = {
  name: "dashboard-sql-rows",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    using databaseFolder = new ScratchFolder();
    await using database = await PostgresServer.start(databaseFolder.path);
    for (const rows of [ROWS, MANY_ROWS]) database.execute(table(rows));
    const source = { name: "Rows", uid: "pg", type: "postgres", url: new URL(database.url).host, user: "narthex" };
    const sources = [{ ...source, isDefault: true, jsonData: { sslmode: "disable", database: "postgres" } }];
    const checkout = flag("checkout", join(import.meta.dirname, "./../.."));
    using folder = new ScratchFolder();
    let started = 0;
    const start = (): Promise<SourcesRole> =>
      startSourcesRole({ folder: join(folder.path, String(started++)), sources, dashboards, checkout });
    const native: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = performance.now();
      database.execute(`COPY (${select(ROWS)}) TO STDOUT`);
      native.push(performance.now() - before);
    }
    const bulk = await measureBulks(start);
    const { program, base } = await start();
    await using _ended = program;
    await untilPages(base);
    const { figures, browser } = await measurePages(folder.path, base);
    const setting = `6 columns on the pages, PostgreSQL on the same machine, Chromium ${browser}, software rendering`;
    return { setting, figures: [...figures, figure(`psql reads ${ROWS} rows as text`, "ms", native), ...bulk] };
  },
};
