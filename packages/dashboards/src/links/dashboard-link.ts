import type { DashboardLink } from "../model/dashboard.ts";
import { interpolate } from "../variables/variable-syntax.ts";
import { dashboardLookup, type LinkContext, rangeParameters, variableParameters } from "./link-context.ts";
import { safeAddress, withParameters } from "./safe-address.ts";

/** A link that can be followed. */
export interface ResolvedLink {
  readonly href: string;
  readonly title: string;
  readonly targetBlank: boolean;
}

type LinkAddress = Pick<DashboardLink, "url" | "includeVars" | "keepTime">;

/**
 * The address that a link of a dashboard or panel leads to: its variables filled in, with the range and choices that it
 * takes along.
 *
 * @returns undefined where it is no safe address
 */
export function linkAddress({ url, includeVars, keepTime }: LinkAddress, context: LinkContext): string | undefined {
  const address = safeAddress(interpolate(url, dashboardLookup(context)));
  if (address === undefined || !(includeVars || keepTime)) return address;
  return withParameters(address, [
    ...(keepTime ? rangeParameters(context.raw) : []),
    ...(includeVars ? variableParameters(context.states) : []),
  ]);
}

/** A link of a dashboard or panel as it is shown; undefined where it leads to no safe address. */
export function resolveLink(link: DashboardLink, context: LinkContext): ResolvedLink | undefined {
  const href = linkAddress(link, context);
  if (href === undefined) return undefined;
  const title = interpolate(link.title, context.lookup, "text");
  return { href, title: title === "" ? href : title, targetBlank: link.targetBlank };
}
