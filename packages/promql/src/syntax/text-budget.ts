import { needsEngine } from "@narthex/model";
import { patternWeight } from "./pattern-weight.ts";

/** Limits for all PromQL texts of one request together. */
export interface TextLimits {
  /** Maximum total length of the texts in UTF-16 units. */
  readonly characters: number;
  readonly matchers: number;
  /** Largest total cost of the regular expressions that must be compiled. Compiling them takes most of the time. */
  readonly patterns: number;
}

/**
 * Limits for texts that a query thread parses. The limits are high, because parsing on a query thread delays only other
 * queries.
 */
export const QUERY_LIMITS: TextLimits = { characters: 2 ** 20, matchers: Infinity, patterns: 2 ** 18 };
/** Limits for selectors that the main thread parses. Parsing them takes at most about 25 ms. */
export const SELECTOR_LIMITS: TextLimits = { characters: 2 ** 17, matchers: 1000, patterns: 2 ** 13 };

/** Counts the parsed texts of a request. Each method returns an error message if a limit is exceeded. */
export class TextBudget {
  readonly #limits: TextLimits;
  #characters = 0;
  #matchers = 0;
  #patterns = 0;

  constructor(limits: TextLimits) {
    this.#limits = limits;
  }

  takeText(text: string): string | undefined {
    this.#characters += text.length;
    if (this.#characters <= this.#limits.characters) return undefined;
    return `expression has ${this.#characters} characters, more than the ${this.#limits.characters} that are read, split it up`;
  }

  takeMatcher(): string | undefined {
    if (++this.#matchers <= this.#limits.matchers) return undefined;
    return `more than ${this.#limits.matchers} matchers in all, split the request up`;
  }

  takePattern(source: string): string | undefined {
    if (!needsEngine(source)) return undefined;
    this.#patterns += patternWeight(source);
    const { patterns } = this.#limits;
    if (this.#patterns <= patterns) return undefined;
    return `regular expressions with more than ${patterns} characters in all, repetitions written out, split the query up`;
  }
}
