import { join } from "node:path";
import { ServedApi, type ServedKind } from "@narthex/discovery/testing";
import { expect } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { freePort } from "../../../support/ports.ts";
import { peers } from "../../../support/requirements.ts";
import { launcher, Running } from "../../../support/running.ts";
import { Workplace } from "../../../support/workplace.ts";
import { discoveredLabels, type FoundLabels, inOrder } from "../discovered-labels.ts";

/** A program that finds targets. */
export type Finder = "narthex" | "prometheus" | "vmagent";

/** Returns the name of a served kind for test titles. */
export const nameOf = ({ key, role }: ServedKind): string => (role === "" ? key : `${key} (${role})`);

/** Returns a configuration with one job that finds the kind's targets and scrapes none of them. */
const configOf = (kind: ServedKind, section: string): string => `global: {scrape_interval: 1d, scrape_timeout: 1s}
scrape_configs:
- job_name: found
  ${kind.key}:
  - ${section.trim().replaceAll("\n", "\n    ")}
  relabel_configs: [{action: drop, source_labels: [__address__], regex: .*}]
`;

/** How much is compared, and how the targets of a peer differ from ours by intention. */
export interface Comparison {
  /** Number of instances in the served API. By default few, which differ in whatever an instance can lack. */
  readonly instances?: number;
  /** Returns the labels of the peer's target as our server is expected to find them. */
  readonly adjust?: (labels: FoundLabels) => FoundLabels;
  /** Returns whether the peer cannot find this target of our server. */
  readonly isOnlyOurs?: (labels: FoundLabels) => boolean;
}

/**
 * Starts our server and a peer with the same section and the same served API, and compares the labels of all targets
 * that both find. Waits until both have found all targets.
 */
export async function expectSameTargets(
  kind: ServedKind,
  peer: Exclude<Finder, "narthex">,
  { instances = 12, adjust = (labels) => labels, isOnlyOurs = () => false }: Comparison = {},
): Promise<void> {
  await using api = await ServedApi.start(kind.serve(instances));
  using workplace = new Workplace();
  const place = api.place(workplace.folder);
  const config = configOf(kind, kind.section(place));
  const env = kind.environment?.(place) ?? {};
  await using ours = await start("narthex", workplace, config, env);
  await using theirs = await start(peer, workplace, config, env);
  const fewest = kind.fewestTargets?.(instances) ?? instances;
  await eventually(`${nameOf(kind)}: the targets of ${peer}`, async () => {
    const [own, theirOwn] = await Promise.all([
      discoveredLabels(ours.base, isCompared),
      discoveredLabels(theirs.base, isCompared),
    ]);
    expect(own.length).toBeGreaterThanOrEqual(fewest);
    expect(own.filter((labels) => !isOnlyOurs(labels))).toEqual(inOrder(theirOwn.map(adjust)));
  });
}

interface StartedFinder extends AsyncDisposable {
  readonly base: string;
}

async function start(
  finder: Finder,
  workplace: Workplace,
  config: string,
  env: Readonly<Record<string, string>>,
): Promise<StartedFinder> {
  const base = `http://127.0.0.1:${await freePort()}`;
  const flags = flagsOf(finder, workplace, new URL(base).host, workplace.write(`${finder}.yml`, config));
  const settings = { env: { ...process.env, ...env } };
  const running =
    finder === "narthex"
      ? new Running(launcher, ["server", ...flags], settings)
      : new Running(join(peers, finder), flags, settings);
  await running.ready(`${base}/-/ready`);
  return { base, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

function flagsOf(finder: Finder, workplace: Workplace, address: string, config: string): readonly string[] {
  const data = workplace.path(`${finder}-data`);
  if (finder !== "vmagent")
    return [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=${address}`];
  return [
    `-promscrape.config=${config}`,
    "-promscrape.config.strictParse=false",
    `-httpListenAddr=${address}`,
    "-remoteWrite.url=http://127.0.0.1:1/",
    `-remoteWrite.tmpDataPath=${data}`,
  ];
}

const isCompared = (name: string): boolean =>
  /^(?:__meta_.*|__address__|__scheme__|__metrics_path__|instance)$/.test(name);
