import type { ConfigFiles } from "@narthex/config";
import type { Clock, Host } from "@narthex/runtime";
import type { Configurations } from "./configurations.ts";
import type { Finding } from "./finding.ts";
import type { Machine } from "./machine/machine.ts";
import type { Network } from "./network/network.ts";
import type { Subject } from "./subject/subject.ts";

/** What checks look at, and with; tests bring their own. */
export interface DoctorContext {
  readonly subject: Subject;
  readonly host: Pick<Host, "env" | "cwd" | "clock">;
  readonly clock: Clock;
  readonly files: ConfigFiles;
  readonly machine: Machine;
  readonly network: Network;
  /** The configuration files, read once for all checks. */
  readonly configurations: () => Promise<Configurations>;
  /** For one answer of somebody else. */
  readonly timeoutMs: number;
  /** Are mail servers signed in at? */
  readonly signsIn: boolean;
}

/** Takes a finding before the check that has it is done. */
export type EarlyFinding = (finding: Finding) => void;

/**
 * One thing that is looked at. It changes nothing on this machine, and asks others only to answer. What others do with that is
 * theirs: a mail server counts a login that fails, so each account signs in once; a token server gives out a token.
 */
export interface Check {
  readonly name: string;
  /** A clause for the help and the docs page. */
  readonly about: string;
  /**
   * Resolves with all findings. Those about others who may keep it waiting are told `early` too, as they arise: they are kept
   * when time is up or the check fails.
   */
  run(context: DoctorContext, early?: EarlyFinding): Promise<readonly Finding[]>;
}
