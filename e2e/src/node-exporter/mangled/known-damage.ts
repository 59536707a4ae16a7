import type { KnownDifference } from "../../support/known-differences.ts";
import type { Mangled } from "./mangling.ts";

/**
 * A kind of damage to files in /proc or /sys that our exporter and node_exporter treat differently, with the reason why
 * this is accepted.
 */
interface KnownDamage {
  readonly collector: string;
  /** Matches the paths of the damaged files. If undefined, all files match. */
  readonly path?: RegExp;
  /** Matches the description of the damage. If undefined, every damage matches. */
  readonly what?: RegExp;
  readonly reason: string;
}

const BEYOND_64_BITS = /is now "(?:99999999999999999999999|18446744073709551615|9223372036854775808)"/;

const KNOWN_DAMAGE: readonly KnownDamage[] = [
  {
    collector: "entropy",
    path: /urandom_min_reseed_secs|_wakeup_threshold/,
    reason: "the peer reads three files that nobody shows",
  },
  { collector: "ksmd", path: /general_profit$/, reason: "1.11 does not read it" },
  { collector: "ksmd", what: /deleted/, reason: "1.12 passes over files that a kernel lacks, 1.11 fails" },
  { collector: "mountstats", path: /mount(?:info|stats)$/, reason: "the places of mounts are shown by 1.12 alone" },
  {
    collector: "swap",
    what: BEYOND_64_BITS,
    reason: "the peer's products of 64 bits overflow, ours are floating-point",
  },
  {
    collector: "meminfo",
    what: /18446744073709551615|9223372036854775808/,
    reason: "the peer's products of 64 bits overflow, ours are floating-point",
  },
];

/** A collector whose metrics differ between Narthex and node_exporter after its input files were damaged. */
export interface DamageDifference {
  readonly collector: string;
  readonly damage: Mangled;
}

/** Rules for accepted differences between our exporter and node_exporter. */
export const KNOWN: readonly KnownDifference<DamageDifference>[] = KNOWN_DAMAGE.map(
  ({ collector, path, what, reason }) => ({
    reason: `${collector}: ${reason}`,
    share: 0.03,
    applies: ({ collector: found, damage }) =>
      collector === found && path?.test(damage.path) !== false && what?.test(damage.what) !== false,
  }),
);
