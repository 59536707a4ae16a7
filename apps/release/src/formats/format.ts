import type { Output } from "../output.ts";
import type { ReleaseParts, TargetParts } from "../release-parts.ts";
import type { Target } from "../targets.ts";

/** A shape that a release comes in; the word of --format. */
export type Format = FormatForTargets | FormatForAll;

interface FormatForTargets {
  readonly name: string;
  /** Is there one for this machine? */
  readonly suits: (target: Target) => boolean;
  /** Why it cannot be made on this machine, and the mend; undefined where it can. */
  readonly missing?: () => string | undefined;
  readonly makeForTarget: (parts: ReleaseParts, own: TargetParts, out: Output, signal: AbortSignal) => Promise<void>;
}

interface FormatForAll {
  readonly name: string;
  readonly missing?: () => string | undefined;
  /** One file for every machine. */
  readonly make: (parts: ReleaseParts, out: Output) => Promise<void>;
}
