import { mix } from "../memory/symbols.ts";

/**
 * Assigns numbers to sequences of integers: equal sequences get the same number, counted from 0 in the order of their
 * first occurrence. The sequences form a tree whose edges are in one hash table. The common prefix with the previous
 * sequence needs no lookup.
 */
export class SequenceInterner {
  /**
   * Edges of the tree in a hash table with open addressing: source node, number, target node. At least half of the
   * entries are empty, with the target 0.
   */
  #from = new Uint32Array(256);
  #number = new Uint32Array(256);
  #to = new Uint32Array(256);
  #nodes = 1;
  /** Number of the sequence that ends at each node of the tree, plus 1; 0 if no sequence ends at the node. */
  #numberAt = new Uint32Array(128);
  #sequences = 0;
  /** Elements of the previous sequence. */
  readonly #path: number[] = [];
  /** Nodes of the tree that the previous sequence visited. */
  readonly #pathNodes: number[] = [];
  #pathLength = 0;
  #depth = 0;
  #node = 0;
  #onPath = true;

  /** Adds the next element of the current sequence. */
  step(number: number): void {
    const depth = this.#depth++;
    if (this.#onPath && depth < this.#pathLength && this.#path[depth] === number) {
      this.#node = this.#pathNodes[depth]!;
      return;
    }
    this.#onPath = false;
    this.#node = this.#child(this.#node, number);
    this.#path[depth] = number;
    this.#pathNodes[depth] = this.#node;
  }

  /** Ends the current sequence and returns its number. */
  end(): number {
    const node = this.#node;
    this.#pathLength = this.#depth;
    this.#depth = 0;
    this.#node = 0;
    this.#onPath = true;
    if (this.#numberAt[node] === 0) this.#numberAt[node] = ++this.#sequences;
    return this.#numberAt[node]! - 1;
  }

  #child(node: number, number: number): number {
    const at = this.#slot(node, number);
    if (this.#to[at] !== 0) return this.#to[at]!;
    const child = this.#nodes++;
    this.#from[at] = node;
    this.#number[at] = number;
    this.#to[at] = child;
    if (this.#nodes === this.#numberAt.length) this.#grow();
    return child;
  }

  #slot(node: number, number: number): number {
    const mask = this.#to.length - 1;
    let at = mix(Math.imul(node, 0x9e3779b1) ^ number) & mask;
    while (this.#to[at] !== 0 && (this.#from[at] !== node || this.#number[at] !== number)) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const numberAt = new Uint32Array(this.#nodes * 2);
    numberAt.set(this.#numberAt);
    this.#numberAt = numberAt;
    const { length } = this.#to;
    const [from, number, to] = [this.#from, this.#number, this.#to];
    this.#from = new Uint32Array(length * 2);
    this.#number = new Uint32Array(length * 2);
    this.#to = new Uint32Array(length * 2);
    for (let i = 0; i < length; i++) {
      if (to[i] === 0) continue;
      const at = this.#slot(from[i]!, number[i]!);
      this.#from[at] = from[i]!;
      this.#number[at] = number[i]!;
      this.#to[at] = to[i]!;
    }
  }
}
