import { serve } from "../../../support/serving.ts";
import { eventually, Fatal } from "../../../support/eventually.ts";
import { MachinePauses } from "../../../support/machine-pauses.ts";
import { ProcessorWatch } from "../../../support/processor-watch.ts";
import type { Running } from "../../../support/running.ts";
import { steadily } from "../../../support/steadily.ts";
import type { Workplace } from "../../../support/workplace.ts";
import { compareTwins, type Starvation, type TwinObservations, type Verdict } from "./comparison.ts";
import type { Episode } from "./episode.ts";
import { readFolder } from "./observed.ts";
import { type Twin, TwinServer } from "./twin-server.ts";
import { readFailures } from "./failures.ts";
import { countersOf, exemplarsOf, metadataOf, TargetWatch } from "./watch.ts";

export interface RunOptions {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Start time of the episodes, ms. */
  readonly now: number;
  /** Command line flags of our server and of Prometheus. */
  readonly flags: Readonly<Record<Twin, readonly string[]>>;
}

export interface RunResult {
  readonly verdicts: readonly (readonly [Episode, Verdict])[];
  /** Counters with different values on the two servers, as text `name: ours, theirs`. */
  readonly counters: readonly string[];
}

const TWINS = ["ours", "theirs"] as const;
const KIND = { ours: "narthex", theirs: "prometheus" } as const;
/** If a program waited this long for a CPU in total (ms), a scrape may miss its timeout. */
const STARVED_MS = 500;
const EXEMPLARS = "storage: {exemplars: {max_exemplars: 100000}}\n";

/** Runs both servers until they have scraped all episodes (targets) to their end, and compares the stored data. */
export async function runTwins(
  episodes: readonly Episode[],
  workplace: Workplace,
  options: RunOptions,
): Promise<RunResult> {
  const steps = episodes[0]!.steps.length;
  // This process gets a higher priority, because scrapes that time out because of other processes prove nothing.
  using _ = steadily();
  await using target = new TwinServer(episodes);
  const port = await target.start();
  const running: Partial<Record<Twin, Running>> = {};
  using waits = new ProcessorWatch(() => [
    process.pid,
    ...TWINS.flatMap((twin) => (running[twin] === undefined ? [] : [running[twin].child.pid!])),
  ]);
  await using pauses = new MachinePauses();
  const [ours, theirs] = await Promise.all(
    TWINS.map(async (twin) => {
      const failures = workplace.path(`failures-${twin}.log`);
      const config = configOf(twin, episodes, port, { ...options, failures });
      await using server = await serve(KIND[twin], workplace, twin, { config, flags: options.flags[twin] });
      running[twin] = server.running;
      steadily(server.running.child.pid);
      await using watch = new TargetWatch(server);
      await eventually(`all of ${twin} is scraped`, async () => {
        // Throws an error if one of the servers has ended.
        for (const each of TWINS) expectAlive(each, running[each]);
        const fewest = target.fewest(twin);
        // Waits until both servers have begun one more scrape than is compared, because the samples of the compared
        // scrapes are stored then.
        if (fewest < steps + 1) throw new Error(`${fewest} of ${steps} scrapes`);
      });
      const [exemplars, metadata, counters] = await Promise.all([
        exemplarsOf(server.base, options.now),
        metadataOf(server.base),
        countersOf(server.base),
      ]);
      server.running.kill("SIGTERM");
      watch.stop();
      await server.running.ended;
      return { exemplars, metadata, counters, errors: watch.errors, failures: readFailures(failures) };
    }),
  );
  const stops = await pauses.all();
  const starvation: Starvation = (from, until) =>
    waits.waited(from, until) >= STARVED_MS ||
    stops.some((one) => one.from < until && one.until > from && one.until - one.from >= STARVED_MS);
  // The folders are read at the end, because reading would block the thread that serves the targets.
  const stored = {
    ours: await readFolder(workplace.path("ours"), steps),
    theirs: await readFolder(workplace.path("theirs"), steps),
  };
  const observationsOf = (logged: NonNullable<typeof ours>, twin: Twin, number: number): TwinObservations => {
    const key = String(number);
    return {
      stored: stored[twin].get(key),
      errors: logged.errors.get(key) ?? new Map(),
      failures: logged.failures.get(key) ?? [],
      exemplars: logged.exemplars.get(key) ?? new Map(),
      metadata: logged.metadata.get(key) ?? [],
      requestTimes: target.requestTimes(twin, number),
      requestHeaders: target.requests[twin][number]?.headers ?? {},
    };
  };
  const verdicts = episodes.map(
    (episode) =>
      [
        episode,
        compareTwins(
          episode,
          observationsOf(ours!, "ours", episode.number),
          observationsOf(theirs!, "theirs", episode.number),
          starvation,
        ),
      ] as const,
  );
  console.log([...theirs!.counters].map(([n, v]) => `C ${n} ${ours!.counters.get(n)} ${v}`).join("\n"));
  const counters = [...theirs!.counters].flatMap(([name, other]) => {
    const own = ours!.counters.get(name) ?? NaN;
    // The expected count is corrected by the difference between the numbers of errors of both servers, because the
    // errors differ in known ways.
    const expected = other + errorsOf(name, ours!.errors) - errorsOf(name, theirs!.errors);
    return isAlike(own, expected) ? [] : [`${name}: ${own}, expected ${expected}`];
  });
  return { verdicts, counters };
}

const OWNER = {
  ours: "our server ended by itself",
  theirs: "Prometheus ended by itself, not ours: nothing can be compared with what these episodes do to it",
} as const;

/** Throws an error that names the server if it ended although the test did not stop it. */
function expectAlive(twin: Twin, running: Running | undefined): void {
  if (running === undefined || running.child.killed || !running.hasEnded) return;
  const fatalError = /^(?:panic|fatal error): [^]*/m.exec(running.output)?.[0].slice(0, 2000);
  throw new Fatal(`${OWNER[twin]}: ${fatalError ?? running.output.slice(-2000)}`);
}

function configOf(
  twin: Twin,
  episodes: readonly Episode[],
  port: number,
  { intervalMs, timeoutMs, failures }: RunOptions & { readonly failures: string },
): string {
  const jobs = episodes.map(({ number, settings, newSettings }) => {
    const fields = { ...settings, ...(twin === "ours" ? newSettings : {}) };
    const more = Object.entries(fields).map(([name, value]) => `, ${name}: ${value}`);
    const group = `{targets: ['127.0.0.1:${port}'], labels: {ep: '${number}', instance: here}}`;
    return `- {job_name: j, metrics_path: /${twin}/${number}, static_configs: [${group}]${more.join("")}}`.replace(
      "job_name: j",
      `job_name: j${number}`,
    );
  });
  return `global: {scrape_interval: ${intervalMs}ms, scrape_timeout: ${timeoutMs}ms, scrape_failure_log_file: ${failures}}\n${EXEMPLARS}scrape_configs:\n${jobs.join("\n")}\n`;
}

/** Regular expressions that match the scrape errors which increase a counter, by the counter's name. */
const COUNTED: Readonly<Record<string, RegExp>> = {
  prometheus_target_scrapes_exceeded_sample_limit_total: /^sample limit exceeded$/,
  prometheus_target_scrapes_exceeded_body_size_limit_total: /^body size limit exceeded$/,
  prometheus_target_scrape_pool_exceeded_label_limits_total: /^label_\w*limit exceeded /,
};

/** Returns the number of scrape errors of a server that increase the counter. */
function errorsOf(counter: string, errors: ReadonlyMap<string, ReadonlyMap<number, string>>): number {
  const counted = COUNTED[counter];
  return [...errors.values()].reduce(
    (sum, target) => sum + [...target.values()].filter((error) => counted?.test(error)).length,
    0,
  );
}

/**
 * Accepted relative difference between a counter and the number of observed errors, because an error may disappear
 * before the test observes it. An allowance for the scrapes of one episode is added.
 */
const SHARE = 0.04;
const isAlike = (own: number, expected: number): boolean => Math.abs(own - expected) <= 10 + SHARE * expected;
