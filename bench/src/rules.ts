import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SnappyCompressor, WireWriter } from "@narthex/bytes";
import { rounds, scale } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { prometheusVersion } from "./servers.ts";

const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";
const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
const RULES = Math.round(1000 * scale());
/** Number of series that each rule reads. */
export const SERIES = 100;
export const RULES_IN_GROUP = 20;
const INTERVAL_S = 15;
/** Length of a round in seconds. */
const ROUND_S = 60;
const WARM_UP_S = 45;
/** Period before the start with samples, which the windows of the first evaluations need, seconds. */
const PAST_S = 180;
/** Most seconds that writing the samples of one rule takes, of both servers. */
const FILL_S_A_RULE = 0.05;
/** Number of series in one remote write request. */
const SERIES_IN_REQUEST = 5000;

interface Side {
  readonly program: Program;
  readonly base: string;
  readonly cpu: number[];
}

export const rulesCase: BenchCase = {
  name: "rules",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const { ours, peer } = await evaluate(RULES, ROUNDS);
    const figure = (what: string, unit: string, key: keyof Evaluated): Figure => ({
      what,
      unit,
      better: "lower",
      ours: ours[key],
      peer: peer[key],
    });
    return {
      setting: `${RULES} rules of ${SERIES} series each every ${INTERVAL_S} s, half of them alerts; ${prometheusVersion()}`,
      figures: [
        figure(`CPU of ${ROUND_S} s`, "s", "cpuSeconds"),
        figure("evaluations missed", "", "missed"),
        figure("evaluations failed", "", "failed"),
      ],
    };
  },
};

/** Costs of the evaluations of a server. The CPU time has a value for each round. */
export interface Evaluated {
  readonly cpuSeconds: readonly number[];
  readonly residentMegabytes: readonly number[];
  /** Duration of the longest last evaluation of a group. */
  readonly longestSeconds: readonly number[];
  readonly missed: readonly number[];
  readonly failed: readonly number[];
}

/**
 * Evaluates many rules with both servers at once. All samples are written before, including those of the near future, so
 * that the CPU time is that of the rules.
 */
export async function evaluate(rules: number, ofRounds: number): Promise<{ ours: Evaluated; peer: Evaluated }> {
  using folder = new ScratchFolder();
  await using stack = new AsyncDisposableStack();
  writeFileSync(join(folder.path, "rules.yml"), ruleFile(rules));
  const sides = [stack.use(await start("ours", folder.path)), stack.use(await start("peer", folder.path))];
  const nowMs = Date.now();
  const untilMs = nowMs + (WARM_UP_S + ofRounds * ROUND_S + FILL_S_A_RULE * rules + 120) * 1000;
  for (const side of sides) await fill(side.base, rules, nowMs - PAST_S * 1000, untilMs);
  await pause(WARM_UP_S * 1000);
  for (let round = 0; round < ofRounds; round++) {
    const before = sides.map(({ program }) => program.cpuSeconds());
    await pause(ROUND_S * 1000);
    for (const [i, { program, cpu }] of sides.entries()) cpu.push(program.cpuSeconds() - before[i]!);
  }
  const [ours, peer] = await Promise.all(sides.map(evaluated));
  return { ours: ours!, peer: peer! };
}

const evaluated = async ({ base, cpu, program }: Side): Promise<Evaluated> => ({
  cpuSeconds: cpu,
  residentMegabytes: [program.tree().residentBytes / 1e6],
  longestSeconds: [Math.max(...(await values(base, "prometheus_rule_group_last_duration_seconds")))],
  missed: [sum(await values(base, "prometheus_rule_group_iterations_missed_total"))],
  failed: [sum(await values(base, "prometheus_rule_evaluation_failures_total"))],
});

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function ruleFile(rules: number): string {
  const lines = ["groups:"];
  for (let rule = 0; rule < rules; rule++) {
    if (rule % RULES_IN_GROUP === 0) lines.push(`- name: group_${rule / RULES_IN_GROUP}`, "  rules:");
    const rate = `rate(work_${rule}_total[1m])`;
    lines.push(
      rule % 2 === 0
        ? `  - {record: 'work:rate_${rule}', expr: '${rate}'}`
        : `  - {alert: Work${rule}, expr: '${rate} > 9', for: 1m, labels: {severity: page}, annotations: {summary: '{{ $labels.instance }} does {{ $value | humanize }}'}}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

async function start(name: "ours" | "peer", folder: string): Promise<Side & AsyncDisposable> {
  const port = await freePort();
  mkdirSync(join(folder, name));
  const config = join(folder, `${name}.yml`);
  writeFileSync(config, `global: {evaluation_interval: ${INTERVAL_S}s}\nrule_files: [rules.yml]\n`);
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, name)}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--web.enable-remote-write-receiver",
  ];
  const program =
    name === "ours"
      ? new Program(new URL("../../bin/narthex", import.meta.url).pathname, ["server", ...args])
      : new Program(join(peers, "prometheus"), args);
  const base = `http://127.0.0.1:${port}`;
  await program.ready(`${base}/-/ready`);
  return { program, base, cpu: [], [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

/** Writes the samples of all series by remote write. A tenth of the series grow so fast that their alerts fire. */
async function fill(base: string, rules: number, fromMs: number, untilMs: number): Promise<void> {
  const compressor = new SnappyCompressor();
  for (let first = 0; first < rules * SERIES; first += SERIES_IN_REQUEST) {
    const out = new WireWriter(1 << 22);
    for (let i = first; i < Math.min(first + SERIES_IN_REQUEST, rules * SERIES); i++) {
      const [rule, instance] = [Math.floor(i / SERIES), i % SERIES];
      out.message(1, () => {
        for (const [label, value] of [
          ["__name__", `work_${rule}_total`],
          ["instance", `10.0.0.${instance}:9100`],
          ["job", "worker"],
        ] as const) {
          out.message(1, () => {
            out.string(1, label);
            out.string(2, value);
          });
        }
        for (let time = fromMs; time <= untilMs; time += INTERVAL_S * 1000) {
          out.message(2, () => {
            out.double(1, Math.round(((time - fromMs) / 1000) * (instance % 10 === 0 ? 10 : 8)));
            out.int64(2, time);
          });
        }
      });
    }
    const response = await fetch(`${base}/api/v1/write`, {
      method: "POST",
      headers: { "content-encoding": "snappy", "content-type": "application/x-protobuf" },
      body: Uint8Array.from(compressor.compress(out.written)),
    });
    if (response.status !== 204) throw new Error(`remote write: ${response.status} ${await response.text()}`);
  }
}

/** Returns the values of a metric of a server, one for each label set. */
async function values(base: string, name: string): Promise<number[]> {
  const text = await (await fetch(`${base}/metrics`)).text();
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => Number(line.split(" ").at(-1)));
}
