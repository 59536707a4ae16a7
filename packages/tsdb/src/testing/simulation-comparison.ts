import { Matcher } from "@narthex/model";
import type { Tsdb } from "../tsdb.ts";
import { contentsOf } from "./contents.ts";
import { blocksOnDisk, difference } from "./copied-blocks.ts";
import { Damage } from "./damage.ts";
import { nameOf, type SampleSource } from "./sample-source.ts";
import type { Contents, Guarantee, ReferenceModel } from "./reference-model.ts";
import type { SimulationReport } from "./simulation-report.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";

/** Content that was read from a database, and the times for which it was read. */
export interface ReadContents {
  readonly contents: Contents;
  /** Whether all times were read. */
  readonly isWhole: boolean;
  readonly wasRead: (time: number) => boolean;
}

interface ComparisonParts {
  readonly dir: string;
  readonly disk: SimulatedDisk;
  readonly ledger: ReferenceModel;
  readonly source: SampleSource;
  readonly report: SimulationReport;
  readonly random: () => number;
  readonly retentionMs: number;
  readonly note: (line: string) => void;
}

const DAMAGE_ERRORS: readonly string[] = ["BlockError", "HeadChunkDamage", "DamagedSegment"];

/** Returns whether an error is the result of flipped bits. */
export const isDamage = (cause: unknown): boolean => DAMAGE_ERRORS.includes((cause as Error).name);

/** Compares the results of a running database with the guarantees in the reference model. */
export class SimulationComparison {
  readonly #parts: ComparisonParts;
  readonly #damage: Damage;
  #flipsSeen = 0;

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
    this.#damage = new Damage(parts.disk);
  }

  /**
   * Compares the whole content. Throws an error if a guarantee is broken. Resolves with undefined if the database
   * reports that data is missing.
   */
  async compare(db: Tsdb, survived: Guarantee): Promise<ReadContents | undefined> {
    const { ledger, report, retentionMs, note } = this.#parts;
    report.comparisons++;
    if (this.#damage.isThere) await this.#forgive();
    const warnings: string[] = [];
    const read = await this.#read(db, (warning) => warnings.push(warning));
    ledger.keepFrom = Math.max(ledger.keepFrom, Math.max(db.maxTime, this.#damage.maxTime) - retentionMs);
    const isPart = warnings.length > 0;
    if (isPart) note(`  answered with warnings: ${warnings.join("; ")}`);
    const { contents } = read;
    const problems = isPart
      ? [...ledger.invented(contents, "nothing")]
      : [...ledger.lost(contents, survived, read.wasRead), ...ledger.invented(contents, survived)];
    if (problems.length > 0) {
      throw new Error(`${problems.length} differences after ${survived}:\n${problems.slice(0, 5).join("\n")}`);
    }
    return isPart ? undefined : read;
  }

  /** Compares label names, label values and a part of the time range with the content that was read before. */
  async compareParts(db: Tsdb, { contents, isWhole }: ReadContents): Promise<void> {
    if (!isWhole) return;
    await this.#compareLabels(db, contents);
    await this.#compareExemplars(db);
    const { random } = this.#parts;
    const times = db.blocks().flatMap(({ minTime, maxTime }) => [minTime, maxTime]);
    for (const samples of contents.values()) times.push(...[...samples.keys()].slice(-2));
    if (times.length === 0) return;
    const border = (): number => times[Math.floor(random() * times.length)]! + Math.floor(random() * 3) - 1;
    const [from, to] = [border(), border()].toSorted((a, b) => a - b) as [number, number];
    const matcher = new Matcher("=~", "__name__", random() < 0.5 ? ".+" : "[fh].*");
    const expected = new Map<string, Map<number, string>>();
    for (const [series, samples] of contents) {
      const within = [...samples].filter(([time]) => from <= time && time <= to);
      if (within.length > 0 && matcher.matches(nameOf({ series }))) expected.set(series, new Map(within));
    }
    const differs = difference(expected, await contentsOf(db.queryable, { from, to, matcher }));
    if (differs !== undefined) throw new Error(`read from ${from} to ${to} with ${String(matcher)}: ${differs}`);
    this.#parts.report.ranges++;
  }

  async #compareLabels(db: Tsdb, found: Contents): Promise<void> {
    const querier = db.queryable.querier(-Infinity, Infinity);
    try {
      const names = await querier.labelValues(
        "__name__",
        this.#parts.random() < 0.5 ? [] : [new Matcher("!=", "job", "")],
      );
      const missing = [...found.keys()].filter((series) => !names.some((name) => series.includes(name)));
      if (missing.length > 0) throw new Error(`label values are missing: ${missing.join(", ")}`);
      const labels = await querier.labelNames([]);
      if (found.size > 0 && labels.join() !== "__name__,job") throw new Error(`label names are ${labels.join()}`);
    } finally {
      querier.close();
    }
  }

  /** Compares exemplars. Exemplars may be lost, but each exemplar that is found must have been appended. */
  async #compareExemplars(db: Tsdb): Promise<void> {
    const { source, report } = this.#parts;
    for (const { labels, exemplars } of await db.exemplars(-Infinity, Infinity, [[new Matcher("=~", "job", ".+")]])) {
      for (const { labels: own, value, timestamp } of exemplars) {
        const known = source.exemplars.get(own.get("trace"));
        const isKnown =
          known?.series === labels.toString() && known.time === timestamp && known.value === String(value);
        if (!isKnown) throw new Error(`exemplar ${own.toString()} of ${labels.toString()} was never appended`);
        report.exemplars++;
      }
    }
  }

  /** Withdraws the guarantees of exactly those samples that damage may have lost. */
  async #forgive(): Promise<void> {
    const { dir, disk, ledger, note } = this.#parts;
    const { flip } = disk.faults.counts;
    if (flip !== this.#flipsSeen) note(`${flip - this.#flipsSeen} bits flipped`);
    this.#flipsSeen = flip;
    const damage = this.#damage;
    const ofHead = damage.looksAtHead();
    const kept = ofHead
      ? await disk.faults.calmly(() => blocksOnDisk(dir, disk.readerFiles(), (ulid) => !damage.isOfBlock(ulid)))
      : undefined;
    ledger.allowLoss(
      (series, time) => damage.hits(time) || (kept !== undefined && kept.get(series)?.has(time) !== true),
    );
  }

  /** Reads the whole content. If damage prevents this, reads the time ranges between damaged blocks. */
  async #read(db: Tsdb, warn: (warning: string) => void): Promise<ReadContents> {
    try {
      return { contents: await contentsOf(db.queryable, { warn }), isWhole: true, wasRead: () => true };
    } catch (cause) {
      if (!this.#damage.isThere || !isDamage(cause)) throw cause;
      this.#parts.note(`  reads between damaged blocks: ${String(cause)}`);
    }
    await this.#forgive();
    const ranges = this.#damage.intactRanges();
    const contents = new Map<string, Map<number, string>>();
    for (const [from, to] of ranges) {
      // oxlint-disable-next-line no-await-in-loop -- one range after the other
      for (const [series, samples] of await contentsOf(db.queryable, { from, to, warn })) {
        contents.set(series, new Map([...(contents.get(series) ?? []), ...samples]));
      }
    }
    this.#parts.report.readsInParts++;
    return { contents, isWhole: false, wasRead: (time) => ranges.some(([from, to]) => from <= time && time <= to) };
  }
}
