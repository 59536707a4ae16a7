import { escapeFamilies, type EscapingScheme, type MetricFamily, ProtobufPage, TextPage } from "@narthex/exposition";
import type { Steps } from "@narthex/runtime";
import type { MetricBuffer, Series } from "./metric-buffer.ts";
import { familiesOf, wholeFamily } from "./families.ts";

/** Number of lines that are compared between two yields to other work. */
const LINES_A_STEP = 4096;

export type PageFormat = "text" | "protobuf";

/**
 * Text or protobuf output for scrapes that select the same collectors. The layout is rebuilt only if a line was added,
 * removed or moved.
 */
export class ScrapePage {
  readonly #escaping: EscapingScheme;
  readonly #format: PageFormat;
  /** Sample lines of the layout, in the order in which collectors emit them. */
  readonly #series: Series[] = [];
  #page: TextPage | ProtobufPage | undefined;
  #dropped: readonly string[] = [];
  #values = new Float64Array(0);
  #times = new Float64Array(0);
  /** Position of the first line that is added by the exporter and not by a collector. */
  #firstAdded = 0;
  #hasTimes = false;

  constructor(escaping: EscapingScheme, format: PageFormat = "text") {
    this.#escaping = escaping;
    this.#format = format;
  }

  /**
   * Sentences about metric families that are missing in the last output, because another collector or the exporter
   * itself has a family of the same name.
   */
  get dropped(): readonly string[] {
    return this.#dropped;
  }

  /** Memory size of the text in bytes. */
  get bytes(): number {
    return this.#page?.bytes ?? 0;
  }

  /**
   * Returns the printed text of the emitted samples, valid until the next call. The next call may begin only after all
   * steps are done.
   * @param added families that are printed among those of the collectors and are not merged with them
   */
  *writing(buffers: readonly MetricBuffer[], added: MetricBuffer): Steps<Uint8Array> {
    const all = [...buffers, added];
    const count = all.reduce((sum, buffer) => sum + buffer.count, 0);
    const isSame = yield* this.#taking(all, count);
    const isKnown = isSame && this.#firstAdded === count - added.count;
    if (!isKnown || this.#page === undefined) {
      this.#firstAdded = count - added.count;
      const families = yield* this.#layOut(buffers, added);
      this.#page = this.#format === "text" ? new TextPage(families) : new ProtobufPage(families);
    }
    return yield* this.#page.writing(this.#values, this.#hasTimes ? this.#times : undefined);
  }

  /** Copies the values into the page. Returns true if the lines are unchanged since the last layout. */
  *#taking(buffers: readonly MetricBuffer[], count: number): Steps<boolean> {
    const known = this.#series;
    let isSame = known.length === count;
    if (this.#values.length < count) {
      this.#values = new Float64Array(2 * count);
      this.#times = new Float64Array(2 * count);
    }
    let at = 0;
    for (const buffer of buffers) {
      this.#hasTimes ||= buffer.hasTimes;
      this.#values.set(buffer.values.subarray(0, buffer.count), at);
      this.#times.set(buffer.times.subarray(0, buffer.count), at);
      const { series, count: lines } = buffer;
      for (let i = 0; i < lines; i++, at++) {
        if (at % LINES_A_STEP === LINES_A_STEP - 1) yield;
        if (known[at] === series[i]) continue;
        known[at] = series[i]!;
        isSame = false;
      }
    }
    known.length = count;
    return isSame;
  }

  *#layOut(buffers: readonly MetricBuffer[], added: MetricBuffer): Steps<readonly MetricFamily[]> {
    const firsts = new Map<MetricBuffer, number>();
    let at = 0;
    for (const buffer of [...buffers, added]) {
      firsts.set(buffer, at);
      at += buffer.count;
    }
    const columnOf = (buffer: MetricBuffer, position: number): number => firsts.get(buffer)! + position;
    const last = added.whole.map((one) => wholeFamily(added, one, columnOf));
    const reserved = new Set(last.map(({ name }) => name));
    const escaped: MetricFamily[] = [];
    const dropped: string[] = [];
    const families = yield* familiesOf(buffers, columnOf, reserved, (sentence) => void dropped.push(sentence));
    this.#dropped = dropped;
    for (const family of [...families, ...last]) {
      yield;
      for (const item of escapeFamilies([family], this.#escaping)) escaped.push(item);
    }
    return escaped;
  }
}
