import { JsonCursor, JsonProblem } from "@narthex/http/answer";
import { writeStale } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import { SampleColumns } from "@narthex/storage";

/** Number of samples after which the reader checks whether other work should run. */
const STEP = 4096;
/** Initial size of the arrays in samples. */
const FIRST_ROOM = 1024;
/**
 * Memory in bytes of a sample: one value, and the time twice, because a line has separate lists of times and values.
 */
const SAMPLE_BYTES = 24;

/** One series in a response of the long-term store. `pairs` has label names and values alternately. */
export interface DecodedSeries {
  readonly pairs: readonly string[];
  /** Samples of the series, valid until the next series is read. */
  readonly samples: SampleColumns;
  /** Whether the series also had native histograms, which are skipped because their JSON form is not supported. */
  readonly hasHistograms: boolean;
}

/** Reads labels as a list of names and values alternately. */
export function readPairs(json: JsonCursor): readonly string[] {
  const pairs: string[] = [];
  json.object((name) => {
    const value = json.string();
    // Leaves out a label with an empty value, because it counts as absent.
    if (value !== "") pairs.push(name, value);
  });
  return pairs;
}

/** Reads the series of a response one after the other. All series use the same memory. */
export class SeriesSamples {
  readonly #samples = new SampleColumns(0);
  #times = new Float64Array(0);
  /** Number of samples for which memory has been taken. */
  #room = 0;
  readonly #take: (bytes: number) => void;

  /** @param take takes memory for the samples of the longest series; throws if too little is left */
  constructor(take: (bytes: number) => void) {
    this.#take = take;
  }

  /**
   * Reads a series in VictoriaMetrics' export format: `{"metric":{…},"values":[…],"timestamps":[…]}`, with times in ms.
   * A null value means a stale marker, the only stored value that is not a number.
   */
  *line(bytes: Uint8Array): Steps<DecodedSeries> {
    const json = new JsonCursor(bytes);
    let pairs: readonly string[] | undefined;
    let [values, times] = [0, -1];
    const samples = this.#samples;
    samples.reset();
    // Reads the keys of the object directly and not through JsonCursor, because the arrays in the object are read in
    // steps.
    json.expect(0x7b);
    do {
      const key = json.string();
      json.expect(0x3a);
      if (key === "metric") pairs = readPairs(json);
      else if (key === "values") values = yield* this.#values(json);
      else if (key === "timestamps") times = yield* this.#timestamps(json);
      else json.skip();
    } while (this.#goesOn(json));
    json.end();
    if (pairs === undefined || values !== times) throw new JsonProblem("a line has not as many values as times");
    samples.timestamps.set(this.#times.subarray(0, times));
    samples.count = values;
    return { pairs, samples, hasHistograms: false };
  }

  /** Reads a series in the format of range queries: `{"metric":{…},"values":[[seconds,"value"],…]}`. */
  *element(bytes: Uint8Array): Steps<DecodedSeries> {
    const json = new JsonCursor(bytes);
    let pairs: readonly string[] | undefined;
    let hasHistograms = false;
    const samples = this.#samples;
    samples.reset();
    json.expect(0x7b);
    do {
      const key = json.string();
      json.expect(0x3a);
      if (key === "metric") pairs = readPairs(json);
      else if (key === "values") yield* this.#points(json);
      else {
        hasHistograms ||= key === "histograms";
        json.skip();
      }
    } while (this.#goesOn(json));
    json.end();
    if (pairs === undefined) throw new JsonProblem("a series has no labels");
    return { pairs, samples, hasHistograms };
  }

  #grow(): void {
    const room = Math.max(FIRST_ROOM, this.#room * 2);
    this.#take((room - this.#room) * SAMPLE_BYTES);
    this.#samples.reserve(room);
    const times = new Float64Array(room);
    times.set(this.#times);
    this.#times = times;
    this.#room = room;
  }

  #goesOn(json: JsonCursor): boolean {
    if (json.peek() === 0x2c) {
      json.expect(0x2c);
      return true;
    }
    json.expect(0x7d);
    return false;
  }

  *#values(json: JsonCursor): Steps<number> {
    const samples = this.#samples;
    let count = 0;
    for (let more = json.beginArray(); more; more = json.nextElement()) {
      if (count === this.#room) {
        samples.count = count;
        this.#grow();
      }
      if (json.tookNull()) writeStale(samples.valueWords, count);
      else samples.values[count] = json.number();
      if (++count % STEP === 0) yield;
    }
    return count;
  }

  *#timestamps(json: JsonCursor): Steps<number> {
    let count = 0;
    for (let more = json.beginArray(); more; more = json.nextElement()) {
      if (count === this.#room) this.#grow();
      this.#times[count] = json.number();
      if (++count % STEP === 0) yield;
    }
    return count;
  }

  *#points(json: JsonCursor): Steps<void> {
    const samples = this.#samples;
    for (let more = json.beginArray(); more; more = json.nextElement()) {
      if (!json.beginArray()) json.fail();
      if (samples.count === this.#room) this.#grow();
      samples.timestamps[samples.count] = Math.round(json.number() * 1000);
      if (!json.nextElement()) json.fail();
      samples.values[samples.count++] = json.number();
      if (json.nextElement()) json.fail();
      if (samples.count % STEP === 0) yield;
    }
  }
}
