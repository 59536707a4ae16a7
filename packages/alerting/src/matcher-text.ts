import type { MatchType } from "@narthex/model";

/** One matcher as written, before its pattern is compiled. */
export interface MatcherText {
  readonly name: string;
  readonly type: MatchType;
  readonly value: string;
}

/** Matchers that do not parse; the message is upstream's. */
export class MatcherError extends Error {
  override readonly name = "MatcherError";
}
