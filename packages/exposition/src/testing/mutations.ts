import { seededRandom } from "@narthex/runtime";

const encoder = new TextEncoder();
const octets = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);

/** Keywords of the text formats, and numbers at the limits of their types. */
const WORDS: readonly Uint8Array[] = [
  ..."# HELP a |# TYPE a |# UNIT a |# EOF\n|# EOF|#|histogram|summary|untyped|toString|__proto__|_bucket|_sum|_count|__name__"
    .split("|")
    .map((word) => encoder.encode(word)),
  ...'{|}|="|",|"|\\|\\"|\\n|\\\\|=|,|:| |\t|\n|\n\n|\r\n|{"a"}|{a="b"}|le="|quantile="|{a="b",a="b"}| # {x="y"} 1 2|} 1\n'
    .split("|")
    .map((word) => encoder.encode(word)),
  ..."NaN|+Inf|-inf|1e400|-1e400|1e-400|0x1p3|1_0|9223372036854775807|9223372036854775808|-9223372036854775809|1.|.5|+|-|1e|0.1e+"
    .split("|")
    .map((word) => encoder.encode(word)),
  ..."é|日本|😀|\u00a0|\ufeff|\u2028".split("|").map((word) => encoder.encode(word)),
];

/** Texts that replace a value or a timestamp. */
const NUMBERS: readonly Uint8Array[] =
  "0|-0|1|007|NaN|+Inf|-inf|1e400|1e-400|0x1p3|1_0|9223372036854775807|9223372036854775808|-9223372036854775808|1.|.5|+|1e|12345678901234567890123|4.9e-324|123.4565|1.7976931348623157e308"
    .split("|")
    .map((word) => encoder.encode(word));

const NEWLINE = 0x0a;
const SPACE = 0x20;

/**
 * Invalid UTF-8 and control bytes: a lone continuation byte, an overlong slash, a surrogate, a truncated and a too high
 * code point, NUL and DEL.
 */
const BROKEN: readonly Uint8Array[] = [
  octets(0x80),
  octets(0xc0, 0xaf),
  octets(0xed, 0xa0, 0x80),
  octets(0xe6, 0x97),
  octets(0xf4, 0x90, 0x80, 0x80),
  octets(0xff),
  octets(0x00),
  octets(0x7f),
];

/** Bytes that may break a protobuf reader: lengths beyond the end, endless varints, groups, unknown wire types. */
const WIRE: readonly Uint8Array[] = [
  octets(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  octets(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
  octets(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  octets(0xff, 0xff, 0xff, 0xff, 0x0f),
  octets(0x80, 0x80, 0x80, 0x80, 0x00),
  octets(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10),
  octets(0x0b, 0x0c),
  octets(0x0e),
  octets(0x00),
  octets(0x3a, 0x00),
  octets(0x1a, 0x00),
  octets(0x62, 0x04, 0x08, 0x01, 0x10, 0x02),
  octets(0x62, 0x07, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
  octets(0x6a, 0x04, 0x02, 0x01, 0x01, 0x02),
  octets(0x82, 0x01, 0x02, 0x0a, 0x00),
];

/** Mutates bodies at random positions. The seed determines all changes. */
export class Mutator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Returns an integer from 0 to `below - 1`; 0 for an empty range. */
  roll(below: number): number {
    return Math.floor(this.#random() * below);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.roll(list.length)]!;
  }

  /** Returns a random part of a body, whole lines or any bytes, of at most `limit` bytes. */
  stretch(body: Uint8Array, limit: number): Uint8Array {
    if (body.length <= limit && this.roll(4) > 0) return body;
    const start = this.roll(body.length);
    const end = Math.min(start + 1 + this.roll(limit), body.length);
    if (this.roll(8) === 0) return body.subarray(start, end);
    return body.subarray(body.indexOf(NEWLINE, start) + 1, body.lastIndexOf(NEWLINE, end) + 1);
  }

  /** Returns the body with one to six changes, usually one. Inserted pieces come from `donor`. */
  mutate(body: Uint8Array, donor: Uint8Array): Uint8Array {
    let changed = body;
    for (let left = 1 + this.roll(this.roll(2) === 0 ? 1 : 6); left > 0; left--) {
      changed = this.roll(2) === 0 ? this.#changeLine(changed) : this.#change(changed, donor);
    }
    return changed;
  }

  /**
   * Makes changes after which the body may still be valid: moves, repeats or removes a line, or changes a number or
   * text.
   */
  #changeLine(body: Uint8Array): Uint8Array {
    const start = body.lastIndexOf(NEWLINE, this.roll(body.length) - 1) + 1;
    const newline = body.indexOf(NEWLINE, start);
    const end = newline < 0 ? body.length : newline + 1;
    const line = body.subarray(start, end);
    const elsewhere = body.indexOf(NEWLINE, this.roll(body.length)) + 1;
    switch (this.roll(6)) {
      case 0:
        return edited(body, start, line.length, octets());
      case 1:
        return edited(body, elsewhere, 0, line);
      case 2:
        return edited(body, start, 0, repeated(line, 1 + this.roll(5)));
      case 3: {
        const space = body.lastIndexOf(SPACE, end);
        if (space < start) return body;
        return edited(body, space + 1, Math.max(end - 1 - space - 1, 0), this.pick(NUMBERS));
      }
      case 4: {
        const space = line.indexOf(SPACE);
        if (space < 0) return body;
        return edited(body, start + space + 1, this.roll(4), this.pick(NUMBERS));
      }
      default: {
        const quote = body.indexOf(0x22, start + this.roll(line.length));
        return quote < 0 ? body : edited(body, quote + 1, this.roll(3), this.#piece());
      }
    }
  }

  #change(body: Uint8Array, donor: Uint8Array): Uint8Array {
    const at = this.roll(body.length + 1);
    const length = 1 + this.roll(this.roll(4) === 0 ? 200 : 12);
    switch (this.roll(10)) {
      case 0:
        return edited(body, at, 1, octets((body[at] ?? 0) ^ (1 << this.roll(8))));
      case 1:
        return edited(body, at, 1, octets(this.roll(256)));
      case 2:
        return edited(body, at, length, octets());
      case 3:
        return edited(body, at, 0, this.#piece());
      case 4:
        return edited(body, at, length, this.#piece());
      case 5:
        return edited(body, at, 0, this.#cut(donor, length * 4));
      case 6:
        return edited(body, at, this.roll(length), this.#cut(body, length * 4));
      case 7:
        return this.roll(3) === 0 ? body.subarray(0, at) : edited(body, at, 1, octets());
      case 8:
        return edited(body, at, 0, repeated(this.#cut(body, length), 1 + this.roll(40)));
      default:
        return edited(body, at, 0, repeated(this.#piece(), 1 + this.roll(this.roll(10) === 0 ? 400 : 8)));
    }
  }

  #piece(): Uint8Array {
    const kind = this.roll(8);
    return this.pick(kind < 5 ? WORDS : kind < 6 ? BROKEN : WIRE);
  }

  #cut(from: Uint8Array, limit: number): Uint8Array {
    const start = this.roll(from.length + 1);
    return from.subarray(start, start + this.roll(limit));
  }

  /**
   * Returns a longer buffer that contains the body between other bytes. A reader that reads beyond the body would
   * return another result.
   */
  surround(body: Uint8Array): Uint8Array {
    const before = this.roll(40);
    const buffer = new Uint8Array(before + body.length + this.roll(80));
    const filler = this.roll(3) === 0 ? body : this.#piece();
    for (let i = 0; i < buffer.length; i++) buffer[i] = filler[i % filler.length] ?? 0x31;
    buffer.set(body, before);
    return buffer.subarray(before, before + body.length);
  }
}

/** Returns the body in which `removed` bytes at `at` are replaced by `added`. */
function edited(body: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const rest = body.subarray(Math.min(at + removed, body.length));
  const out = new Uint8Array(at + added.length + rest.length);
  out.set(body.subarray(0, at));
  out.set(added, at);
  out.set(rest, at + added.length);
  return out;
}

function repeated(bytes: Uint8Array, times: number): Uint8Array {
  const out = new Uint8Array(bytes.length * times);
  for (let i = 0; i < times; i++) out.set(bytes, i * bytes.length);
  return out;
}
