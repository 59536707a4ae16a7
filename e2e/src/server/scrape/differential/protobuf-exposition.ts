import { WireWriter } from "@narthex/bytes";
import type { Random } from "../../../support/random.ts";
import { explicitTime } from "./clockwork.ts";
import type { Member, Population, PopulationFamily } from "./population.ts";

/** Numbers of the metric types in the protobuf enumeration io.prometheus.client.MetricType. */
const TYPES: Readonly<Record<string, number>> = {
  counter: 0,
  gauge: 1,
  summary: 2,
  untyped: 3,
  histogram: 4,
  gaugehistogram: 5,
};
/** Number of the field in the protobuf message Metric that contains the value, by metric type. */
const FIELDS: Readonly<Record<string, number>> = {
  gauge: 2,
  counter: 3,
  summary: 4,
  untyped: 5,
  histogram: 7,
  gaugehistogram: 7,
};

/** Writes the simulated metrics of a target as length-delimited MetricFamily messages. */
export class ProtobufExposition {
  readonly #random: Random;
  readonly #now: number;
  readonly #out = new WireWriter(1 << 14);
  #step = 0;

  constructor(random: Random, now: number) {
    this.#random = random;
    this.#now = now;
  }

  write(population: Population, step: number): Uint8Array {
    this.#step = step;
    const out = this.#out;
    out.reset();
    for (const family of population.families) {
      const type = family.type === "info" || family.type === "stateset" ? "gauge" : family.type;
      out.delimited(() => {
        out.string(1, family.name);
        if (family.help !== undefined) out.string(2, family.help);
        out.uint64(3, TYPES[type]!);
        for (const member of family.members) {
          if (member.present) out.message(4, () => this.#metric(family, type, member));
        }
        if (family.unit !== undefined) out.string(5, family.unit);
      });
    }
    return out.written.slice();
  }

  #metric(family: PopulationFamily, type: string, member: Member): void {
    const out = this.#out;
    for (const [name, value] of member.labels) {
      out.message(1, () => {
        out.string(1, name);
        out.string(2, value);
      });
    }
    out.message(FIELDS[type]!, () => this.#value(family, type, member));
    const time = explicitTime(this.#random, member.time, this.#step, this.#now);
    if (time !== undefined) out.int64(6, time);
  }

  #value(family: PopulationFamily, type: string, member: Member): void {
    const out = this.#out;
    if (type === "summary") {
      out.uint64(1, member.buckets[0]!);
      out.double(2, member.value);
      for (const phi of [0.5, 1]) {
        out.message(3, () => {
          out.double(1, phi);
          out.double(2, member.value * phi);
        });
      }
      this.#created(4, member);
    } else if (FIELDS[type] === 7) this.#histogram(family, member);
    else {
      out.double(1, member.value);
      if (type !== "counter") return;
      if (member.exemplars && this.#random.chance(60)) this.#exemplar(2);
      this.#created(3, member);
    }
  }

  #histogram(family: PopulationFamily, member: Member): void {
    const random = this.#random;
    const out = this.#out;
    const total = member.buckets.reduce((sum, count) => sum + count, 0);
    const zero = member.buckets[0]!;
    const float = family.float;
    if (float) out.double(4, total);
    else out.uint64(1, Math.floor(total));
    out.double(2, member.value);
    if (!family.native || random.chance(80)) {
      let sum = 0;
      for (const [i, bound] of family.bounds.entries()) {
        sum += member.buckets[i]!;
        out.message(3, () => {
          if (float) out.double(4, sum);
          else out.uint64(1, Math.floor(sum));
          out.double(2, bound);
          if (member.exemplars && random.chance(40)) this.#exemplar(3);
        });
      }
    }
    this.#created(15, member);
    if (family.native) this.#native(member, float, zero, family);
  }

  /** Writes the buckets of a native histogram: two spans of positive buckets and one span of negative buckets. */
  #native(member: Member, float: boolean, zero: number, family: PopulationFamily): void {
    const random = this.#random;
    const out = this.#out;
    const [, first = 0, ...rest] = member.buckets.map((count) => (float ? count : Math.floor(count)));
    out.sint64(5, family.bounds.length === 3 ? 3 : 5);
    out.double(6, 2 ** -128);
    if (float) out.double(8, zero);
    else out.uint64(7, Math.floor(zero));
    // Whether the histogram has buckets. A float histogram without counts has none: Prometheus treats it as an integer
    // histogram, and version 3.5 panics when it merges the buckets for native_histogram_min_bucket_factor.
    const hasSides = !float || member.buckets.some((count) => count > 0);
    if (hasSides) this.#side(9, [[1, 1]], [first], float);
    const split = Math.min(1, rest.length);
    const spans: [number, number][] =
      rest.length > 1
        ? [
            [-2, split],
            [4, rest.length - split],
          ]
        : [[0, rest.length]];
    if ((rest.length > 0 || random.chance(5)) && hasSides) this.#side(12, spans, rest, float);
    if (member.exemplars && random.chance(50)) this.#exemplar(16);
  }

  #side(field: number, spans: readonly (readonly [number, number])[], counts: readonly number[], float: boolean): void {
    const out = this.#out;
    for (const [offset, length] of spans) {
      out.message(field, () => {
        out.sint64(1, offset);
        out.uint64(2, length);
      });
    }
    let previous = 0;
    for (const count of counts) {
      if (float) out.double(field + 2, count);
      else out.sint64(field + 1, count - previous);
      previous = count;
    }
  }

  #created(field: number, member: Member): void {
    if (!this.#random.chance(60)) return;
    this.#timestamp(field, this.#now - 100_000 + member.created * 1000);
  }

  #exemplar(field: number): void {
    const random = this.#random;
    const out = this.#out;
    out.message(field, () => {
      out.message(1, () => {
        out.string(1, "trace_id");
        out.string(2, random.pick(["a", "b", "ü", "x".repeat(20)]));
      });
      out.double(2, random.below(10) / 2);
      if (random.chance(60)) this.#timestamp(3, this.#now - 30_000 + (this.#step + random.below(3) - 1) * 1000);
    });
  }

  #timestamp(field: number, ms: number): void {
    const out = this.#out;
    out.message(field, () => {
      out.int64(1, Math.floor(ms / 1000));
      out.int64(2, (ms % 1000) * 1_000_000);
    });
  }
}
