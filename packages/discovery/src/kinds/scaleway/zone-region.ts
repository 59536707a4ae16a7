/** Returns the region of a zone: `fr-par` for `fr-par-1`. "" if the zone is unusual. */
export const regionOf = (zone: string): string => /^([a-z]{2}-[a-z]{3})-[1-9]$/.exec(zone)?.[1] ?? "";
