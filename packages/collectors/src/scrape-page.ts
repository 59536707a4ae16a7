import { escapeFamilies, type EscapingScheme, type MetricFamily, TextPage } from "@narthex/exposition";
import type { Steps } from "@narthex/runtime";
import type { Emission, Series } from "./emission.ts";
import { familiesOf, wholeFamily } from "./families.ts";

/** The text of scrapes that ask for the same collectors: laid out anew only when a line came, went or moved. */
export class ScrapePage {
  readonly #escaping: EscapingScheme;
  /** The lines of the layout, in the order in which they are emitted. */
  readonly #series: Series[] = [];
  #page: TextPage | undefined;
  #values = new Float64Array(0);
  #times = new Float64Array(0);
  /** Of the lines that are added to those of the collectors. */
  #firstAdded = 0;
  #hasTimes = false;

  constructor(escaping: EscapingScheme) {
    this.#escaping = escaping;
  }

  /**
   * The text of what was emitted, good until the next call; nothing else may be written meanwhile.
   *
   * @param added families that stand between those of the collectors and are not merged with them
   */
  *writing(emissions: readonly Emission[], added: Emission): Steps<Uint8Array> {
    const all = [...emissions, added];
    const count = all.reduce((sum, emission) => sum + emission.count, 0);
    const isKnown = this.#take(all, count) && this.#firstAdded === count - added.count;
    if (!isKnown || this.#page === undefined) {
      this.#firstAdded = count - added.count;
      this.#page = new TextPage(yield* this.#layOut(emissions, added));
    }
    return yield* this.#page.writing(this.#values, this.#hasTimes ? this.#times : undefined);
  }

  /** Takes the values over; true where the lines are those of the layout. */
  #take(emissions: readonly Emission[], count: number): boolean {
    const known = this.#series;
    let isSame = known.length === count;
    if (this.#values.length < count) {
      this.#values = new Float64Array(2 * count);
      this.#times = new Float64Array(2 * count);
    }
    let at = 0;
    for (const emission of emissions) {
      this.#hasTimes ||= emission.hasTimes;
      this.#values.set(emission.values.subarray(0, emission.count), at);
      this.#times.set(emission.times.subarray(0, emission.count), at);
      const { series, count: lines } = emission;
      for (let i = 0; i < lines; i++, at++) {
        if (known[at] === series[i]) continue;
        known[at] = series[i]!;
        isSame = false;
      }
    }
    known.length = count;
    return isSame;
  }

  *#layOut(emissions: readonly Emission[], added: Emission): Steps<readonly MetricFamily[]> {
    const firsts = new Map<Emission, number>();
    let at = 0;
    for (const emission of [...emissions, added]) {
      firsts.set(emission, at);
      at += emission.count;
    }
    const columnOf = (emission: Emission, position: number): number => firsts.get(emission)! + position;
    const last = added.whole.map((one) => wholeFamily(added, one, columnOf));
    const reserved = new Set(last.map(({ name }) => name));
    const escaped: MetricFamily[] = [];
    for (const family of [...(yield* familiesOf(emissions, columnOf, reserved)), ...last]) {
      yield;
      escaped.push(...escapeFamilies([family], this.#escaping));
    }
    return escaped;
  }
}
