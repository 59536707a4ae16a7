import { existsSync } from "node:fs";
import { testSeed } from "@narthex/runtime/testing";
import { test } from "vitest";
import { Random } from "../../support/random.ts";
import { type Exporter, ours, theirProgram, theirs } from "../exporters.ts";
import { differences, familyLines } from "../family-lines.ts";
import { FLAGS, LEFT_OUT, unpackTree } from "../golden-run.ts";
import { KnownDifferences } from "../../support/known-differences.ts";
import { type DamageDifference, KNOWN } from "./known-damage.ts";
import { filesBelow, mangle, type Mangled } from "./mangling.ts";
import { Workplace } from "../../support/workplace.ts";

const conformance = process.env["NARTHEX_CONFORMANCE"];

const seed = testSeed();

const ROUNDS = 12;
/** Number of /proc and /sys files that are damaged at the same time. The files belong to different collectors. */
const AT_ONCE = 6;

/**
 * Collectors whose output is compared with node_exporter's. For other collectors, the test only checks that our
 * exporter does not crash.
 */
const COMPARED = new Set(
  (
    "arp buddyinfo cgroups conntrack cpu_vulnerabilities drbd entropy filefd interrupts kernel_hung ksmd lnstat loadavg " +
    "meminfo meminfo_numa mountstats netstat nfs nfsd pressure processes slabinfo sockstat softirqs softnet swap sysctl " +
    "udp_queues vmstat xfrm zfs zoneinfo"
  ).split(" "),
);

const SUCCESS = /^node_scrape_collector_success\{collector="(\w+)"\} ([01])$/;

/** Returns the success of each collector in an exposition ("1" or "0"), by the collector's name. */
const successes = (text: string): ReadonlyMap<string, string> =>
  new Map(text.split("\n").flatMap((line) => (SUCCESS.test(line) ? [line.match(SUCCESS)!.slice(1, 3)] : [])) as never);

/**
 * Our exporter and node_exporter, which read the same recorded tree. Some damage makes node_exporter panic; the test
 * then restarts it.
 */
class Pair implements AsyncDisposable {
  /**
   * Lines of the exposition that differ even without damage, because node_exporter has version 1.11 and our exporter
   * prints the lines of 1.12.
   */
  #differing = new Set<string>();
  #collectorOf = new Map<string, string>();
  readonly #folder: string;
  #peer: Exporter;
  readonly #own: Exporter;

  private constructor(folder: string, peer: Exporter, own: Exporter) {
    this.#folder = folder;
    this.#peer = peer;
    this.#own = own;
  }

  static async on(folder: string): Promise<Pair> {
    const [peer, own] = await Promise.all([theirs(FLAGS, folder), ours(FLAGS, folder)]);
    const pair = new Pair(folder, peer, own);
    const [text, ownText] = await Promise.all([peer.metrics(), own.metrics()]);
    pair.#differing = new Set(differences(familyLines(text, LEFT_OUT), familyLines(ownText, LEFT_OUT)));
    for (const name of successes(ownText).keys()) {
      for (const family of familyLines(await own.metrics(`?collect[]=${name}`), LEFT_OUT).keys())
        pair.#collectorOf.set(family, name);
    }
    return pair;
  }

  /**
   * Scrapes both exporters. Resolves with the differing lines of the expositions, by collector. Undefined if
   * node_exporter has crashed.
   */
  async compare(): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
    const ownText = await this.#own.metrics();
    const text = await this.#peer.metrics().catch(() => undefined);
    if (text === undefined) {
      await this.#peer[Symbol.asyncDispose]();
      return undefined;
    }
    const [wanted, found] = [successes(text), successes(ownText)];
    const differing = new Map<string, string[]>();
    for (const line of differences(familyLines(text, LEFT_OUT), familyLines(ownText, LEFT_OUT))) {
      const name = this.#owner(line.slice(2));
      const isSuccess = SUCCESS.test(line.slice(2));
      // Skips a collector that fails in both exporters, because its output before the failure depends on the order of
      // reads.
      const failed = wanted.get(name) === "0" && found.get(name) === "0";
      if (
        this.#differing.has(line) ||
        !COMPARED.has(name) ||
        !wanted.has(name) ||
        !found.has(name) ||
        (failed && !isSuccess)
      )
        continue;
      differing.set(name, [...(differing.get(name) ?? []), line]);
    }
    return differing;
  }

  /** Restarts node_exporter. The damaged files must be repaired before. */
  async revive(): Promise<void> {
    this.#peer = await theirs(FLAGS, this.#folder);
  }

  /**
   * Returns the collector that printed a line of the exposition. If the name of the metric depends on a file's content,
   * its start identifies the collector.
   */
  #owner(line: string): string {
    const success = SUCCESS.exec(line)?.[1];
    if (success !== undefined) return success;
    const family = /^(?:# (?:HELP|TYPE) )?(\w+)/.exec(line)![1]!;
    const known = this.#collectorOf.get(family);
    if (known !== undefined) return known;
    const [, first = ""] = family.split("_");
    return [...this.#collectorOf].find(([name]) => name.startsWith(`node_${first}_`))?.[1] ?? first;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#peer[Symbol.asyncDispose](), this.#own[Symbol.asyncDispose]()]);
  }
}

/** Chooses random damage to a few /proc and /sys files of different collectors. */
function damagesOf(random: Random, root: string, files: readonly (readonly string[])[]): Mangled[] {
  const damages = new Map<string, Mangled>();
  for (let i = 0; i < AT_ONCE; i++) {
    const damage = mangle(random, root, random.pick(random.pick(files)));
    if (damage !== undefined) damages.set(damage.path, damage);
  }
  return [...damages.values()];
}

/** Damages /proc and /sys files, compares both exporters, and repairs the files. */
async function compareWith(
  pair: Pair,
  damages: readonly Mangled[],
): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
  for (const damage of damages) damage.apply();
  const differing = await pair.compare();
  for (const damage of damages) damage.undo();
  if (differing === undefined) await pair.revive();
  return differing;
}

test.skipIf(conformance === undefined || !existsSync(theirProgram))(
  `a host with damaged files is shown as the real exporter shows it (seed ${seed}) (NARTHEX_CONFORMANCE)`,
  async () => {
    const random = new Random(seed);
    using workplace = new Workplace();
    unpackTree(conformance!, workplace.folder);
    const files = [filesBelow(workplace.folder, "proc"), filesBelow(workplace.folder, "sys")];
    await using pair = await Pair.on(workplace.folder);
    const known = new KnownDifferences<DamageDifference>("damaged files", KNOWN, {
      "rounds that the peer survived": 0.3,
    });
    const surprises: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const damages = damagesOf(random, workplace.folder, files);
      const together = await compareWith(pair, damages);
      const differences: DamageDifference[] = [];
      // Applies each damage alone, to find the cause of a difference, and to skip damage that crashes node_exporter.
      for (const damage of together?.size === 0 ? [] : damages) {
        for (const [collector, lines] of (await compareWith(pair, [damage])) ?? []) {
          differences.push({ collector, damage });
          if (known.explain({ collector, damage }) === undefined)
            surprises.push(`${collector}: ${damage.path}: ${damage.what}\n${lines.slice(0, 5).join("\n")}`);
        }
      }
      known.compare(differences, together === undefined ? [] : ["rounds that the peer survived"]);
    }
    known.end(surprises);
  },
);
