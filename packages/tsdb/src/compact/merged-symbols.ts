import { ByteMap } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import type { Block } from "../block/block.ts";

const SYMBOLS_PER_STEP = 1024;

/** The symbols (label names and values) of several blocks, numbered in the order of their texts. */
export interface MergedSymbols {
  readonly symbols: ByteMap;
  /** For each block, the numbers in `symbols` that replace the block's symbol numbers. */
  readonly numbers: readonly Uint32Array[];
}

/** Merges the symbols (label names and values) of blocks. */
export function* mergeSymbols(blocks: readonly Block[]): Steps<MergedSymbols> {
  const symbols = new ByteMap();
  const ids = blocks.map((block) => block.symbolIds());
  const numbers = ids.map((of) => new Uint32Array(of.reduce((most, id) => Math.max(most, id + 1), 0)));
  const next = blocks.map(() => 0);
  const textOf = (i: number): Buffer | undefined => {
    const id = ids[i]![next[i]!];
    return id === undefined ? undefined : Buffer.from(blocks[i]!.symbolBytes(id));
  };
  const texts = blocks.map((_, i) => textOf(i));
  for (;;) {
    if (symbols.size % SYMBOLS_PER_STEP === 0) yield;
    let least = -1;
    for (const [i, text] of texts.entries()) {
      if (text !== undefined && (least === -1 || Buffer.compare(text, texts[least]!) < 0)) least = i;
    }
    if (least === -1) return { symbols, numbers };
    const text = texts[least]!;
    const number = symbols.add(text, 0, text.length);
    for (const [i, other] of texts.entries()) {
      if (other === undefined || !text.equals(other)) continue;
      numbers[i]![ids[i]![next[i]!]!] = number;
      next[i]!++;
      texts[i] = textOf(i);
    }
  }
}
