import type { DataLink } from "../model/field-config.ts";
import { type Formatter, formatValues } from "../variables/variable-format.ts";
import { interpolate } from "../variables/variable-syntax.ts";
import type { ResolvedLink } from "./dashboard-link.ts";
import type { internalAddress } from "./explore-link.ts";
import { safeAddress } from "./safe-address.ts";
import type { Lookup } from "../variables/variable-syntax.ts";
import { type ValuePlace, valueLookup } from "./value-lookup.ts";

/** Maximum number of links of one value. */
const MAX_LINKS = 100;

/** Formats the values of variables for a URL: they are percent-encoded. */
const addressFormat: Formatter = (variable) => formatValues(variable, "uriencode");

let internalLinks: typeof internalAddress | undefined;

/** Sets the function that resolves links to queries. Pages load it only for data sources that need the query extras. */
export function setInternalLinks(resolve: typeof internalAddress): void {
  internalLinks = resolve;
}

/** A link of a value (data link) whose variables are replaced. */
export interface ResolvedDataLink extends ResolvedLink {
  /** Whether a click on the value itself follows the link. */
  readonly oneClick: boolean;
}

/** Replaces the variables in a data link. Returns undefined if its address is not safe. */
export function resolveDataLink(link: DataLink, place: ValuePlace, around: Lookup): ResolvedDataLink | undefined {
  const lookup = valueLookup(place, around);
  const { internal } = link;
  const href = internal
    ? internalLinks?.(internal, lookup, place)
    : safeAddress(interpolate(link.url, lookup, addressFormat));
  if (href === undefined) return undefined;
  const title = interpolate(link.title, lookup);
  return { href, title: title === "" ? href : title, targetBlank: link.targetBlank, oneClick: link.oneClick };
}

/** Returns the usable links of a value. The link that a click on the value follows comes first. */
export const dataLinksOf = (place: ValuePlace, around: Lookup): readonly ResolvedDataLink[] =>
  (place.field.config.links ?? [])
    .slice(0, MAX_LINKS)
    .flatMap((link) => resolveDataLink(link, place, around) ?? [])
    .toSorted((a, b) => Number(b.oneClick) - Number(a.oneClick));
