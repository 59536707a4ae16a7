import type { Output } from "../output.ts";
import type { ReleaseParts, SourceParts, TargetParts } from "../release-parts.ts";
import type { Target } from "../targets.ts";

/** A release format. Its name is a value of --format. */
export type Format = FormatForTargets | FormatForAll | FormatOfSources;

interface FormatForTargets {
  readonly name: string;
  readonly suits: (target: Target) => boolean;
  /**
   * Returns the reason why the format cannot be built on this machine, and what to do; undefined if it can be built.
   */
  readonly missing?: () => string | undefined;
  readonly makeForTarget: (parts: ReleaseParts, own: TargetParts, out: Output, signal: AbortSignal) => Promise<void>;
}

interface FormatForAll {
  readonly name: string;
  readonly missing?: () => string | undefined;
  /** Builds one file for all targets. */
  readonly make: (parts: ReleaseParts, out: Output) => Promise<void>;
}

interface FormatOfSources {
  readonly name: string;
  readonly missing?: () => string | undefined;
  /** Builds files from the sources alone, without the compiled program. */
  readonly makeFromSources: (parts: SourceParts, out: Output, signal: AbortSignal) => Promise<void>;
}
