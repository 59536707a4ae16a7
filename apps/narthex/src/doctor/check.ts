import type { ConfigFiles } from "@narthex/config";
import type { Clock, Host } from "@narthex/runtime";
import type { Configurations } from "./configurations.ts";
import type { Finding } from "./finding.ts";
import type { Machine } from "./machine/machine.ts";
import type { Network } from "./network/network.ts";
import type { Subject } from "./subject/subject.ts";

/** Dependencies of the checks. Tests replace them. */
export interface DoctorContext {
  readonly subject: Subject;
  readonly host: Pick<Host, "env" | "cwd" | "clock">;
  readonly clock: Clock;
  readonly files: ConfigFiles;
  readonly machine: Machine;
  readonly network: Network;
  /** Reads the configuration files. The files are read once for all checks. */
  readonly configurations: () => Promise<Configurations>;
  /** Maximum time to wait for a response of another service, ms. */
  readonly timeoutMs: number;
  /** Whether checks may log in to mail servers. */
  readonly signsIn: boolean;
}

/** Receives a result of a check while the check is still running. */
export type EarlyFinding = (finding: Finding) => void;

/**
 * A check of `narthex doctor`. A check changes nothing on this machine, and sends only requests that should change
 * nothing elsewhere. Services may still react: a mail server counts a failed login, so a check logs in only once for
 * each account; a token server issues a token.
 */
export interface Check {
  readonly name: string;
  /** Clause for help and docs page that describes what the check covers. */
  readonly about: string;
  /**
   * Resolves with all findings. Findings that are passed to `early` are reported even if the check later times out or
   * fails.
   */
  run(context: DoctorContext, early?: EarlyFinding): Promise<readonly Finding[]>;
}
