import type { DataLink } from "../model/field-config.ts";
import { type Formatter, formatValues } from "../variables/variable-format.ts";
import { interpolate } from "../variables/variable-syntax.ts";
import type { ResolvedLink } from "./dashboard-link.ts";
import { dashboardLookup, type LinkContext } from "./link-context.ts";
import { safeAddress } from "./safe-address.ts";
import { type ValuePlace, valueLookup } from "./value-lookup.ts";

/** Links of one value beyond this are left out. */
const MAX_LINKS = 100;

/** Parameters that stand in an address as they are have been encoded. */
const addressFormat: Formatter = (variable) => formatValues(variable, "uriencode");

/** A link of a value as it is shown; undefined where it leads to no safe address. */
export function resolveDataLink(link: DataLink, place: ValuePlace, context: LinkContext): ResolvedLink | undefined {
  const lookup = valueLookup(place, dashboardLookup(context));
  const href = safeAddress(interpolate(link.url, lookup, addressFormat));
  if (href === undefined) return undefined;
  const title = interpolate(link.title, lookup);
  return { href, title: title === "" ? href : title, targetBlank: link.targetBlank };
}

/** The links that a value carries and that can be followed, in their order. */
export const dataLinksOf = (place: ValuePlace, context: LinkContext): readonly ResolvedLink[] =>
  (place.field.config.links ?? []).slice(0, MAX_LINKS).flatMap((link) => resolveDataLink(link, place, context) ?? []);
