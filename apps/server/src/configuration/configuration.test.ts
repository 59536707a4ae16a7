import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { SelfMetrics } from "@narthex/http";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import type { Applier } from "../server-feature.ts";
import { Configuration } from "./configuration.ts";
import { Notices } from "../web/notices.ts";
import { watchConfiguration } from "./watch-configuration.ts";

const GOOD = "global: {scrape_interval: 15s}\n";

function setup(files: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const [name, text] of Object.entries({ "prometheus.yml": GOOD, ...files })) write(name, text);
  const clock = new ManualClock(5_000);
  const logger = memoryLogger();
  const notices = new Notices(clock, 4);
  const file = join(folder, "prometheus.yml");
  const metrics = new SelfMetrics();
  const configuration = new Configuration({
    file,
    env: {},
    discoveryKinds: [],
    extraScrapeMetrics: false,
    parser: {},
    clock,
    logger,
    metrics,
    notices,
  });
  return { write, clock, logger, notices, file, configuration };
}

const applier = (name: string, applied: string[]): Applier => ({
  name,
  prepare: ({ global }) => ({
    apply: () => void applied.push(`${name} ${global.scrapeIntervalMs}`),
    discard: () => undefined,
  }),
});

/**
 * An applier that records its changes. It refuses a configuration whose scrape interval, in seconds, is in `refused`.
 */
class WatchedPart implements Applier {
  readonly name: string;
  readonly #refused: ReadonlySet<number>;
  readonly #isAsync: boolean;
  /** Scrape interval of the last applied configuration, in seconds. */
  inForce = 0;
  open = 0;

  constructor(name: string, refused: readonly number[], isAsync: boolean) {
    this.name = name;
    this.#refused = new Set(refused);
    this.#isAsync = isAsync;
  }

  readonly prepare: Applier["prepare"] = ({ global }) => {
    const interval = global.scrapeIntervalMs / 1000;
    if (this.#refused.has(interval)) {
      const refusal = new Error(`cannot take ${interval}`);
      if (this.#isAsync) return Promise.reject(refusal);
      throw refusal;
    }
    this.open++;
    const change = {
      apply: () => {
        this.open--;
        this.inForce = interval;
      },
      discard: () => void this.open--,
    };
    return this.#isAsync ? Promise.resolve(change) : change;
  };
}

test("a reload with an invalid file changes nothing and reports the place", async () => {
  const { configuration, write, file, notices, clock } = setup();
  const applied: string[] = [];
  expect(await configuration.read()).toBeUndefined();
  await configuration.start([applier("a", applied)]);
  expect(configuration.lastReload).toEqual({ success: true, time: 5000 });
  await clock.advance(1000);
  write("prometheus.yml", "global:\n  scrape_interval: 5x\n  scrape_timeout: 1y\n  sample_limit: -1\n");
  await expect(configuration.reload()).rejects.toThrow(
    `couldn't load configuration (--config.file="${file}"): ${file}:2:20: field scrape_interval: unknown unit "x" in ` +
      `duration "5x"; write a duration such as 30s, 5m or 1h30m\n${file}:4:17: field sample_limit: cannot unmarshal`,
  );
  expect(applied).toEqual(["a 15000"]);
  expect(configuration.current.global.scrapeIntervalMs).toBe(15_000);
  expect(configuration.lastReload).toEqual({ success: false, time: 5000 });
  expect(notices.list().map(({ text }) => text)).toEqual(["Configuration reload has failed."]);
  write("prometheus.yml", GOOD);
  await configuration.reload();
  expect(configuration.lastReload).toEqual({ success: true, time: 6000 });
  expect(notices.list()).toEqual([]);
});

test("reload() applies a configuration completely or not at all, and the error names each part that refuses it", async () => {
  const refusals = fc.array(fc.record({ refused: fc.subarray([5, 6, 7]), isAsync: fc.boolean() }), { maxLength: 5 });
  const reloads = fc.array(fc.constantFrom(5, 6, 7, 8), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(refusals, reloads, async (parts, intervals) => {
      const { configuration, write, file, notices } = setup();
      const watched = parts.map(({ refused, isAsync }, i) => new WatchedPart(`part${i}`, refused, isAsync));
      await configuration.read();
      await configuration.start(watched);
      let inForce = 15;
      for (const interval of intervals) {
        write("prometheus.yml", `global: {scrape_interval: ${interval}s}\n`);
        const against = parts.flatMap(({ refused }, i) =>
          refused.includes(interval) ? [`part${i}: cannot take ${interval}`] : [],
        );
        const refusal = await configuration.reload().then(
          () => undefined,
          (error: unknown) => String(error),
        );
        if (against.length === 0) inForce = interval;
        const what = `one or more errors occurred while applying the new configuration (--config.file="${file}")`;
        expect(refusal).toBe(against.length === 0 ? undefined : `ConfigurationError: ${what}: ${against.join("; ")}`);
        expect(configuration.current.global.scrapeIntervalMs).toBe(inForce * 1000);
        expect(watched.map((part) => [part.inForce, part.open])).toEqual(watched.map(() => [inForce, 0]));
        expect(configuration.lastReload.success).toBe(against.length === 0);
        expect(notices.list()).toHaveLength(against.length === 0 ? 0 : 1);
      }
    }),
    { numRuns: 30 },
  );
});

test("start() rejects with the error of the part that refuses the configuration", async () => {
  const { configuration, file } = setup();
  await configuration.read();
  await expect(configuration.start([new WatchedPart("b", [15], true)])).rejects.toThrow(
    `one or more errors occurred while applying the new configuration (--config.file="${file}"): b: cannot take 15`,
  );
});

test("the start reports which of the files is wrong", async () => {
  const inner = setup({
    "prometheus.yml": "scrape_config_files: [more/*.yml]\n",
    "more/a.yml": "scrape_configs:\n- job: a\n",
  });
  const refusal = await inner.configuration.read();
  expect(refusal?.message).toContain("Error loading dynamic scrape config files from config");
  expect(refusal?.sentences[0]).toMatch(/more\/a\.yml:2:3: field job not found/);
  const rules = setup({ "prometheus.yml": "rule_files: [r.yml]\n", "r.yml": "groups:\n- name: g\n  rules: [{}]\n" });
  const why = await rules.configuration.read();
  expect(why?.message).toContain("Error loading rule file patterns from config");
  expect(why?.sentences[0]).toMatch(/r\.yml:3:11: /);
});

test("a section without an effect is reported once, not at every reload", async () => {
  const { configuration, logger } = setup({
    "prometheus.yml": "tracing: {endpoint: 'a:1'}\n",
  });
  await configuration.read();
  await configuration.start([]);
  await configuration.reload();
  const said = logger.lines.filter(({ message }) => message === "Configuration");
  expect(said.map(({ fields }) => fields["warning"])).toEqual([
    "tracing is accepted, but not in this build: it has no effect",
  ]);
});

/**
 * A clock on which one caller at a time may sleep. `look` wakes the caller, and resolves when its next sleep begins.
 */
class StepClock extends ManualClock {
  #wake: () => void = () => undefined;
  #asleep: () => void = () => undefined;

  override sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    const slept = new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      signal?.addEventListener("abort", () => reject(new Error("stopping")));
    });
    this.#asleep();
    return slept;
  }

  look(): Promise<void> {
    const again = new Promise<void>((resolve) => (this.#asleep = resolve));
    this.#wake();
    return again;
  }

  begun(): Promise<void> {
    return new Promise((resolve) => (this.#asleep = resolve));
  }
}

test("--config.auto-reload notices changes of every file that the configuration names, and tries again after a failure", async () => {
  const { configuration, write, file, logger } = setup({
    "prometheus.yml": "rule_files: [r.yml]\nscrape_config_files: ['more/*.yml']\n",
    "r.yml": "groups: []\n",
  });
  let reloads = 0;
  await configuration.read();
  await configuration.start([
    { name: "count", prepare: () => ({ apply: () => void reloads++, discard: () => undefined }) },
  ]);
  const clock = new StepClock();
  const begun = clock.begun();
  const host = { clock, cwd: "/", onReload: () => () => undefined };
  const watch = watchConfiguration({ host, logger, file, everyMs: 1000, otherFiles: [] }, configuration);
  onTestFinished(() => void watch.stop());
  await begun;
  const seen = async (change: () => void): Promise<number> => {
    const before = reloads;
    change();
    await clock.look();
    return reloads - before;
  };
  expect(await seen(() => undefined)).toBe(0);
  expect(await seen(() => write("r.yml", "groups: [{name: g}]\n"))).toBe(1);
  expect(await seen(() => write("more/a.yml", "scrape_configs: [{job_name: a}]\n"))).toBe(1);
  expect(await seen(() => write("more/a.yml", "scrape_configs: [{job: a}]\n"))).toBe(0);
  expect(configuration.lastReload.success).toBe(false);
  expect(await seen(() => write("more/a.yml", "scrape_configs: [{job_name: b}]\n"))).toBe(1);
  expect(await seen(() => write("prometheus.yml", "global: {}\n"))).toBe(1);
  expect(await seen(() => undefined)).toBe(0);
  expect(await seen(() => rmSync(file))).toBe(0);
  expect(configuration.lastReload.success).toBe(false);
  expect(await seen(() => write("prometheus.yml", "global: {}\n"))).toBe(0);
});

test("discovered jobs are applied in addition to the file's jobs, which take precedence if names are equal; reloads keep discovered jobs", async () => {
  const { write, configuration } = setup({
    "prometheus.yml": `${GOOD}scrape_configs: [{job_name: own}, {job_name: more}]\n`,
  });
  const received: string[] = [];
  const jobs = (name: string, takesFoundJobs?: true): Applier => ({
    name,
    ...(takesFoundJobs && { takesFoundJobs }),
    prepare: ({ scrapeConfigs }) => {
      const names = scrapeConfigs.map(({ jobName }) => jobName).join(" ");
      if (names.includes("refused")) throw new Error("not this one");
      return { apply: () => void received.push(`${name}: ${names}`), discard: () => undefined };
    },
  });
  await configuration.read();
  const job = configuration.current.scrapeConfigs[0]!;
  const found = (...names: readonly string[]) => names.map((jobName) => ({ ...job, jobName }));
  await configuration.start([jobs("scrape", true), jobs("rules")]);
  await configuration.setFoundJobs(found("a", "own"));
  await expect(configuration.setFoundJobs(found("refused"))).rejects.toThrow("not this one");
  expect(configuration.current.scrapeConfigs.map(({ jobName }) => jobName)).toEqual(["own", "more"]);
  write("prometheus.yml", `${GOOD}scrape_configs: [{job_name: more}]\n`);
  const reloading = configuration.reload();
  const later = configuration.setFoundJobs(found("b"));
  await Promise.all([reloading, later]);
  expect(received).toEqual([
    "scrape: own more",
    "rules: own more",
    "scrape: own more a",
    "scrape: more a own",
    "rules: more a own",
    "scrape: more b",
  ]);
});
