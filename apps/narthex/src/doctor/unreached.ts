import type { DoctorContext } from "./check.ts";
import { error, type Finding, ok } from "./finding.ts";
import { ReachError } from "./network/network.ts";
import { ownRoleAt } from "./subject/own-role.ts";

/**
 * Returns the finding for a service that cannot be reached. Rethrows errors other than ReachError.
 * @param what name of the service, which begins the finding
 */
export function unreached(
  { subject }: Pick<DoctorContext, "subject">,
  what: string,
  url: string,
  failure: unknown,
): Finding {
  if (!(failure instanceof ReachError)) throw failure;
  const own = /connection refused/.test(failure.message) ? ownRoleAt(subject, url) : undefined;
  // A service of this stack that does not run is not an error, because it may simply not be started yet.
  if (own !== undefined) return ok(`${what} is the ${own.role} of this stack, which does not run now`);
  return error(`${what} cannot be reached: ${failure.message}`, failure.hint);
}
