import { knownTimeZone } from "@narthex/dashboards/time";
import { refusal } from "./refusal.ts";

/** Returns the IANA name of a time zone in a request. Throws a refusal that names the field if the zone is unknown. */
export function timeZoneIn(name: string, field: string): string {
  const zone = knownTimeZone(name);
  if (zone === undefined)
    throw refusal(400, `${field}: ${JSON.stringify(name.slice(0, 100))} is not a time zone such as Europe/Berlin`);
  return zone;
}
