import { ENTRY_MORE, type EntryKind, type EntryReader } from "../entries.ts";

/**
 * Returns a reader that gets a body in parts; `step` returns the size of each new part. Bytes of earlier parts are
 * overwritten, so that the test finds invalid references.
 */
export function inWindows(
  body: Uint8Array,
  open: (window: Uint8Array, windowed: boolean) => EntryReader,
  step: () => number,
): EntryReader {
  let from = 0;
  let to = Math.min(body.length, step());
  let window = body.slice(from, to);
  const reader = open(window, to < body.length);
  const next = (): EntryKind => Object.getPrototypeOf(Object.getPrototypeOf(reader)).next.call(reader) as EntryKind;
  Object.defineProperty(reader, "next", {
    value: (): EntryKind => {
      for (let kind = next(); ; kind = next()) {
        if (kind !== ENTRY_MORE) return kind;
        const dropped = reader.keptFrom!;
        from += dropped;
        to = Math.min(body.length, to + step());
        const old = window;
        window = body.slice(from, to);
        old.fill(0x3f);
        reader.refill!(window, dropped, to === body.length);
      }
    },
  });
  return reader;
}
