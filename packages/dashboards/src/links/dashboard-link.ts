import type { DashboardLink } from "../model/dashboard.ts";
import { interpolate } from "../variables/variable-syntax.ts";
import { dashboardLookup, type LinkContext, rangeParameters, variableParameters } from "./link-context.ts";
import { safeAddress, withParameters } from "./safe-address.ts";

/** A link whose variables are replaced, so that it can be followed. */
export interface ResolvedLink {
  readonly href: string;
  readonly title: string;
  readonly targetBlank: boolean;
}

type LinkAddress = Pick<DashboardLink, "url" | "includeVars" | "keepTime">;

/**
 * Returns the address of a dashboard's or panel's link. Variables are replaced; the time range and the values of
 * variables are added as parameters if the link asks for them.
 * @returns undefined if the address is not safe
 */
export function linkAddress({ url, includeVars, keepTime }: LinkAddress, context: LinkContext): string | undefined {
  const address = safeAddress(interpolate(url, dashboardLookup(context)));
  if (address === undefined || !(includeVars || keepTime)) return address;
  return withParameters(address, [
    ...(keepTime ? rangeParameters(context.raw) : []),
    ...(includeVars ? variableParameters(context.states) : []),
  ]);
}

/** Returns a dashboard's or panel's link as it is shown, or undefined if its address is not safe. */
export function resolveLink(link: DashboardLink, context: LinkContext): ResolvedLink | undefined {
  const href = linkAddress(link, context);
  if (href === undefined) return undefined;
  const title = interpolate(link.title, context.lookup, "text");
  return { href, title: title === "" ? href : title, targetBlank: link.targetBlank };
}
