import type { ConfigFiles } from "@narthex/config";
import type { Clock, Host } from "@narthex/runtime";
import type { Configurations } from "./configurations.ts";
import type { Finding } from "./finding.ts";
import type { Machine } from "./machine/machine.ts";
import type { Network } from "./network/network.ts";
import type { Subject } from "./subject/subject.ts";

/** Context of the checks. Tests provide their own. */
export interface DoctorContext {
  readonly subject: Subject;
  readonly host: Pick<Host, "env" | "cwd" | "clock">;
  readonly clock: Clock;
  readonly files: ConfigFiles;
  readonly machine: Machine;
  readonly network: Network;
  /** Reads the configuration files, once for all checks. */
  readonly configurations: () => Promise<Configurations>;
  /** Limit for one answer of another service. */
  readonly timeoutMs: number;
  /** Whether checks log in to mail servers. */
  readonly signsIn: boolean;
}

/** Takes a finding before its check has ended. */
export type EarlyFinding = (finding: Finding) => void;

/**
 * One check of the doctor. It changes nothing on this machine, and sends only requests that should change nothing
 * elsewhere. Services may still react: a mail server counts a failed login, so each account logs in once; a token
 * server issues a token.
 */
export interface Check {
  readonly name: string;
  /** A clause for the help and the docs page. */
  readonly about: string;
  /**
   * Resolves with all findings. Findings about slow services are also passed to `early` as they arise, and are kept if
   * the check times out or fails.
   */
  run(context: DoctorContext, early?: EarlyFinding): Promise<readonly Finding[]>;
}
