import { Labels } from "@narthex/model";
import type { Block } from "../block/block.ts";
import type { SeriesEntry } from "../block/series-entry.ts";

/** Number of texts at which the cache is cleared. */
const MAX_TEXTS = 1 << 17;

/** Cache of the texts of a block's symbols during a selection, so that each text is decoded only once. */
export class SymbolTexts {
  readonly #block: Block;
  readonly #texts = new Map<number, string>();

  constructor(block: Block) {
    this.#block = block;
  }

  text(symbol: number): string {
    let text = this.#texts.get(symbol);
    if (text === undefined) {
      if (this.#texts.size >= MAX_TEXTS) this.#texts.clear();
      text = this.#block.symbol(symbol);
      this.#texts.set(symbol, text);
    }
    return text;
  }

  labels({ labels, labelCount }: SeriesEntry): Labels {
    const pairs: string[] = [];
    for (let i = 0; i < labelCount * 2; i++) pairs.push(this.text(labels[i]!));
    return Labels.fromSortedPairs(pairs);
  }

  /** Returns the symbol of the value that a series has for a label name; -1 if the series has no such label. */
  valueOf({ labels, labelCount }: SeriesEntry, name: string): number {
    for (let i = 0; i < labelCount; i++) if (this.text(labels[i * 2]!) === name) return labels[i * 2 + 1]!;
    return -1;
  }
}
