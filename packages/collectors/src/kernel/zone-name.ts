import { fileTree } from "../host-files/host-files.ts";

/** Matches the rule at the end of a TZif file: standard name, offset west of Greenwich, and summer time name. */
const POSIX_RULE = /^(<[^>]+>|[A-Za-z]+)([+-]?\d+(?::\d+){0,2})(<[^>]+>|[A-Za-z]+)?/;

interface ZoneNames {
  readonly standard: string;
  /** Offset of standard time in seconds east of Greenwich. */
  readonly standardOffset: number;
  readonly summer: string;
}

const bare = (name: string): string => name.replace(/[<>]/g, "");

function parseRule(rule: string): ZoneNames | undefined {
  const match = POSIX_RULE.exec(rule);
  if (match === null) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = match[2]!.replace(/^[+-]/, "").split(":").map(Number);
  const west = (match[2]!.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
  return { standard: bare(match[1]!), standardOffset: -west, summer: bare(match[3] ?? match[1]!) };
}

/** Returns a function for the short zone names of this host (`CET`, `CEST`), from /etc/localtime or the zone in TZ. */
export function openZoneNames(zone: string | undefined): (offsetSeconds: number) => string {
  const path = zone === undefined || zone === "" ? "/etc/localtime" : `/usr/share/zoneinfo/${zone.replace(/^:/, "")}`;
  const text = fileTree("/").value(path.slice(1));
  const names = text === undefined ? undefined : parseRule(text.slice(text.lastIndexOf("\n") + 1));
  return (offsetSeconds) => {
    if (names === undefined) return "UTC";
    return offsetSeconds === names.standardOffset ? names.standard : names.summer;
  };
}
