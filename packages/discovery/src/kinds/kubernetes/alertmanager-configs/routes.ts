import type { JsonValue } from "@narthex/config";
import { parseDuration } from "@narthex/model";
import { SpecError } from "../custom-objects/spec-error.ts";
import type { SpecFields } from "../custom-objects/spec-fields.ts";
import { SpecFields as Fields } from "../custom-objects/spec-fields.ts";
import { matchersOf } from "./matchers.ts";
import type { AlertmanagerConfigVersion } from "./section.ts";

/** Maximum depth of nested routes. The cluster's schema does not limit it. */
const MAX_DEPTH = 32;

const FIELDS: ReadonlySet<string> = new Set([
  "receiver",
  "groupBy",
  "groupWait",
  "groupInterval",
  "repeatInterval",
  "matchers",
  "continue",
  "routes",
  "muteTimeIntervals",
  "activeTimeIntervals",
]);

export interface RouteContext {
  readonly version: AlertmanagerConfigVersion;
  /** Puts the object's name in front of the name of a receiver or time interval. */
  readonly named: (name: string) => string;
}

/** Returns a route and its child routes as in alertmanager.yml. */
export function routeSettings(fields: SpecFields, context: RouteContext, depth = 0): Record<string, JsonValue> {
  const unknown = fields.keys.find((key) => !FIELDS.has(key));
  if (unknown !== undefined) throw new SpecError(`${fields.at(unknown)} is not known to this version: remove it`, true);
  if (depth > MAX_DEPTH) throw new SpecError(`${fields.at("routes")} is nested more than ${MAX_DEPTH} deep`, true);
  const { named, version } = context;
  const receiver = fields.text("receiver");
  if (receiver === "" && depth === 0) throw new SpecError(`${fields.at("receiver")} is missing`, true);
  const matchers = matchersOf(fields, "matchers", version);
  const children = fields
    .list("routes")
    .map((child, i) => routeSettings(new Fields(child, `${fields.at("routes")}[${i}]`), context, depth + 1));
  const groupWait = fields.text("groupWait");
  return {
    ...(receiver !== "" && { receiver: named(receiver) }),
    ...listed("group_by", fields.texts("groupBy")),
    ...(groupWait !== "" && { group_wait: groupWait }),
    ...interval("group_interval", fields.text("groupInterval")),
    ...interval("repeat_interval", fields.text("repeatInterval")),
    ...listed("matchers", matchers),
    ...(fields.flag("continue") === true && { continue: true }),
    ...listed("mute_time_intervals", fields.texts("muteTimeIntervals").map(named)),
    ...listed("active_time_intervals", fields.texts("activeTimeIntervals").map(named)),
    ...listed("routes", children),
  };
}

const listed = (key: string, items: readonly JsonValue[]): Record<string, JsonValue> =>
  items.length === 0 ? {} : { [key]: items };

/** Returns an interval of a route. As with the operator, an interval of zero is the same as an absent one. */
function interval(key: string, text: string): Record<string, JsonValue> {
  if (text === "") return {};
  try {
    return parseDuration(text) === 0 ? {} : { [key]: text };
  } catch {
    // Reported with its reason when the route is checked.
    return { [key]: text };
  }
}
