import type { Check, DoctorContext } from "../check.ts";
import { type Finding, ok, warning } from "../finding.ts";
import { askOwnMetrics } from "../server-api.ts";
import type { RoleSubject } from "../subject/subject.ts";

/**
 * Duration in seconds above which a blocked event loop is reported. A blocked event loop delays all other work of the
 * process.
 */
const LONG_TURN_S = 1;

/** Reports errors that running servers have counted since their start. */
export const faults: Check = {
  name: "faults",
  about: "unexpected errors of running roles, and turns of their event loops that delayed other work",
  async run(context) {
    const found = await Promise.all(context.subject.roles.map((role) => faultsOf(context, role)));
    return found.flat();
  },
};

async function faultsOf(context: DoctorContext, role: RoleSubject): Promise<readonly Finding[]> {
  const own = await askOwnMetrics(context, role);
  const errors = own("narthex_internal_errors_total") ?? 0;
  const longest = own("narthex_event_loop_longest_turn_seconds");
  const stalls = own("narthex_event_loop_stalls_total") ?? 0;
  const findings: Finding[] = [];
  if (errors > 0) {
    findings.push(
      warning(
        `${role.role}: ${errors} unexpected errors since its start`,
        'look for "Internal error" in its log, and report the error with its stack',
      ),
    );
  }
  if (stalls > 0) {
    findings.push(
      warning(
        `${role.role}: its event loop was blocked for over ${LONG_TURN_S} s ${stalls} times since its start, for ${longest ?? 0} s in the last ten minutes`,
        'look for "event loop was blocked" in its log, which names the operation; a machine without free processor time has the same symptom',
      ),
    );
  } else if (longest !== undefined) {
    findings.push(ok(`${role.role}: the longest turn of its event loop in the last ten minutes took ${longest} s`));
  }
  return findings;
}
