import {
  type Codec,
  type Decoded,
  field,
  flag,
  INVALID,
  listOf,
  mapOf,
  millis,
  optional,
  type FieldPositions,
  type Position,
  type Report,
  section,
  type Section,
  text,
} from "@narthex/config";
import { isLabelName, type Matcher } from "@narthex/model";
import { fromMaps, matcherList, matchPatterns, matchTexts } from "../matchers/matcher-fields.ts";
import type { MatcherMode } from "../matchers/matcher-syntax.ts";
import type { RouteConfig } from "./route.ts";

/** A decoded route with its position in the file. Later checks use the position in their error messages. */
export interface RouteWithPlaces extends RouteConfig {
  readonly routes: readonly RouteWithPlaces[];
  readonly place: Position;
  /** Fields `match` and `match_re` as the configuration file contains them, for printing the configuration. */
  readonly match: ReadonlyMap<string, string>;
  readonly matchRe: ReadonlyMap<string, string>;
  readonly written: readonly Matcher[];
}

interface RawRoute extends Omit<RouteWithPlaces, "matchers" | "place"> {}

/** The matcher syntax of the file's routes, and a function that receives warnings. */
export interface RouteDecodeOptions {
  readonly mode: MatcherMode;
  warn(message: string): void;
}

/** Returns the decoder for the key `route` and for each item of `routes`. */
export function routeSection(reading: RouteDecodeOptions): Section<RouteWithPlaces> {
  const children: Codec<readonly RouteWithPlaces[]> = listOf<RouteWithPlaces>(
    {
      goType: "config.plain",
      decode: (node, context) => self.decode(node, context),
      encode: (value) => self.encode(printed(value)),
      isZero: () => false,
    },
    { nullItem: "missing route", goType: "[]*config.Route" },
  );
  const self: Section<RouteWithPlaces> = section<RawRoute, RouteWithPlaces>(
    "config.plain",
    {
      receiver: field("receiver", text, ""),
      groupBy: optional("group_by", listOf(text)),
      match: field("match", matchTexts, new Map()),
      matchRe: field("match_re", matchPatterns, new Map()),
      written: field(
        "matchers",
        matcherList(reading.mode, (message) => reading.warn(message)),
        [],
      ),
      muteTimeIntervals: field("mute_time_intervals", listOf(text), []),
      activeTimeIntervals: field("active_time_intervals", listOf(text), []),
      continues: field("continue", flag, false, true),
      routes: field("routes", children, []),
      groupWaitMs: optional("group_wait", millis),
      groupIntervalMs: optional("group_interval", millis),
      repeatIntervalMs: optional("repeat_interval", millis),
      labels: field("labels", mapOf(text), new Map()),
    },
    (value, at, report) => finish(value, at, report, reading.mode),
  );
  // Leaves out an empty `group_by` list when the configuration is printed. In the file, an empty list means that the
  // route does not inherit `group_by` from its parent.
  return { ...self, encode: (value) => self.encode(printed(value)) };
}

function printed({ groupBy, ...rest }: RouteWithPlaces): RouteWithPlaces {
  return { ...rest, groupBy: groupBy === undefined || groupBy.length === 0 ? undefined : groupBy };
}

function finish(
  value: RawRoute,
  at: FieldPositions<RawRoute>,
  report: Report,
  mode: MatcherMode,
): Decoded<RouteWithPlaces> {
  let sound = true;
  const refuse = (position: Position, code: string, message: string, hint: string): void => {
    report(position, code, message, hint);
    sound = false;
  };
  checkGroupBy(value.groupBy ?? [], mode, (message, hint) => refuse(at.groupBy, "bad-group-by", message, hint));
  if (value.groupIntervalMs === 0) {
    refuse(at.groupIntervalMs, "zero-interval", "group_interval cannot be zero", "give a duration such as 5m");
  }
  if (value.repeatIntervalMs === 0) {
    refuse(at.repeatIntervalMs, "zero-interval", "repeat_interval cannot be zero", "give a duration such as 4h");
  }
  for (const name of value.labels.keys()) {
    if (!isLabelName(name, mode === "classic" ? "legacy" : "utf8")) {
      refuse(at.labels, "bad-label-name", `invalid label name "${name}" in route labels`, "rename it");
    }
  }
  const fromText = fromMaps(value.match, value.matchRe, at.match, (position, code, message, hint = "") =>
    refuse(position, code, message, hint),
  );
  if (!sound) return INVALID;
  const place = { line: at.self.line, column: at.self.column };
  return { ...value, matchers: [...fromText, ...value.written], place };
}

function checkGroupBy(
  names: readonly string[],
  mode: MatcherMode,
  refuse: (message: string, hint: string) => void,
): void {
  if (names.includes("...") && names.length > 1) {
    refuse("cannot have wildcard group_by (`...`) and other labels at the same time", "keep either");
  }
  const seen = new Set<string>();
  for (const name of names) {
    if (name !== "..." && !isLabelName(name, mode === "classic" ? "legacy" : "utf8")) {
      refuse(`invalid label name "${name}" in group_by list`, "write a label's name");
    }
    if (seen.has(name)) refuse(`duplicated label "${name}" in group_by`, "keep one of them");
    seen.add(name);
  }
}

/** Checks Alertmanager's requirements for the root route, and reports each error. Returns true if there is no error. */
export function checkRoot(root: RouteWithPlaces, report: Report): boolean {
  const faults: string[] = [];
  if (root.receiver === "") faults.push("root route must specify a default receiver");
  if (root.matchers.length > 0) faults.push("root route must not have any matchers");
  if (root.muteTimeIntervals.length > 0) faults.push("root route must not have any mute time intervals");
  if (root.activeTimeIntervals.length > 0) faults.push("root route must not have any active time intervals");
  const hint = "the root route takes every alert";
  for (const fault of faults) report(root.place, "bad-root-route", fault, hint);
  // Checks the field `continue` after all other requirements, as Alertmanager does.
  if (root.continues) report(root.place, "continued-root-route", "cannot have continue in root route", hint);
  return faults.length === 0 && !root.continues;
}

/**
 * Checks that the receivers and time intervals of every route exist. Reports missing names. As in Alertmanager, errors
 * of child routes are reported before those of their parents.
 */
export function checkReferences(
  route: RouteWithPlaces,
  known: { readonly receivers: ReadonlySet<string>; readonly intervals: ReadonlySet<string> },
  report: Report,
): void {
  for (const child of route.routes) checkReferences(child, known, report);
  if (route.receiver !== "" && !known.receivers.has(route.receiver)) {
    const message = `undefined receiver "${route.receiver}" used in route`;
    report(route.place, "undefined-receiver", message, `add it under receivers, or use one of those there`);
  }
  for (const name of [...route.activeTimeIntervals, ...route.muteTimeIntervals]) {
    if (known.intervals.has(name)) continue;
    const message = `undefined time interval "${name}" used in route`;
    report(route.place, "undefined-interval", message, "add it under time_intervals");
  }
}
