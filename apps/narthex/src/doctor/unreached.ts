import type { DoctorContext } from "./check.ts";
import { error, type Finding, ok } from "./finding.ts";
import { ReachError } from "./network/network.ts";
import { ownRoleAt } from "./subject/own-role.ts";

/**
 * The finding about somebody who cannot be reached. Throws what is no ReachError.
 *
 * @param what who it is, as a finding begins
 */
export function unreached(
  { subject }: Pick<DoctorContext, "subject">,
  what: string,
  url: string,
  failure: unknown,
): Finding {
  if (!(failure instanceof ReachError)) throw failure;
  const own = /connection refused/.test(failure.message) ? ownRoleAt(subject, url) : undefined;
  // A stack that is looked at before it is started has nothing wrong with it.
  if (own !== undefined) return ok(`${what} is the ${own.role} of this stack, which does not run now`);
  return error(`${what} cannot be reached: ${failure.message}`, failure.hint);
}
