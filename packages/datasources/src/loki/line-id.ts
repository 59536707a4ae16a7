const OFFSET_32 = 0x811c9dc5;
const PRIME_32 = 0x01000193;

/** Returns the 32-bit FNV-1 hash of bytes. */
function fnv1(bytes: Uint8Array): number {
  let hash = OFFSET_32;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash, PRIME_32) ^ bytes[i]!;
  return hash >>> 0;
}

/** Returns labels as JSON in the form of Go's encoder: sorted, and with escaped HTML characters. */
const labelsJson = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(labels, Object.keys(labels).sort()).replaceAll(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/**
 * Creates the ids of the lines of a frame. The ids are equal to those of Grafana's server. Lines with equal content get
 * different ids.
 */
export class LineIds {
  readonly #seen = new Map<string, number>();
  readonly #labels = new WeakMap<object, string>();

  next(nanoseconds: string, line: string, labels: Readonly<Record<string, string>>): string {
    let json = this.#labels.get(labels);
    if (json === undefined) this.#labels.set(labels, (json = labelsJson(labels)));
    const id = `${nanoseconds}_${fnv1(Buffer.from(`${line}_${json}`)).toString(16)}`;
    const count = this.#seen.get(id) ?? 0;
    this.#seen.set(id, count + 1);
    return count === 0 ? id : `${id}_${count}`;
  }
}
