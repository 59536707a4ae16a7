import type { Printable, PrintableMap } from "@narthex/config";
import type { AlertmanagerConfig } from "../alertmanager-config.ts";
import type { ObjectConfig } from "./object-config.ts";

/**
 * Adds objects to the configuration of the file, as the operator does. Their routes come before those of the file, in
 * the order of the objects.
 */
export const mergedConfig = (file: AlertmanagerConfig, objects: readonly ObjectConfig[]): AlertmanagerConfig => ({
  ...file,
  route: { ...file.route, routes: [...objects.flatMap(({ route }) => route ?? []), ...file.route.routes] },
  receivers: [...file.receivers, ...objects.flatMap(({ receivers }) => receivers)],
  inhibitRules: [...file.inhibitRules, ...objects.flatMap(({ inhibitRules }) => inhibitRules)],
  muteTimeIntervals: [...file.muteTimeIntervals, ...objects.flatMap(({ muteTimeIntervals }) => muteTimeIntervals)],
});

/** Returns the printed form of mergedConfig(), from the printed file. */
export function mergedPrintable(file: PrintableMap, objects: readonly ObjectConfig[]): PrintableMap {
  const printed = objects.map((object) => object.printed);
  const routes = printed.flatMap(({ route }) => route ?? []);
  const added = new Map<string, readonly Printable[]>([
    ["inhibit_rules", printed.flatMap(({ inhibitRules }) => inhibitRules)],
    ["receivers", printed.flatMap(({ receivers }) => receivers)],
    ["mute_time_intervals", printed.flatMap(({ muteTimeIntervals }) => muteTimeIntervals)],
  ]);
  const present = new Map(file.entries);
  const entries = KEYS.flatMap((key): PrintableMap["entries"] => {
    const value = present.get(key);
    if (key === "route") return [[key, withRoutes(value as PrintableMap, routes)]];
    const items = [...itemsOf(value), ...(added.get(key) ?? [])];
    if (added.has(key) && items.length > 0) return [[key, { items }]];
    return value === undefined ? [] : [[key, value]];
  });
  return { entries };
}

/** Keys of alertmanager.yml in the order in which they are printed. */
const KEYS = [
  "global",
  "route",
  "inhibit_rules",
  "receivers",
  "templates",
  "mute_time_intervals",
  "time_intervals",
  "tracing",
  "event_recorder",
];

const itemsOf = (value: Printable | undefined): readonly Printable[] =>
  typeof value === "object" && value !== null && "items" in value ? value.items : [];

/** Puts routes before those of the root route. The key `routes` comes after `continue`, which is always printed. */
function withRoutes(root: PrintableMap, routes: readonly Printable[]): PrintableMap {
  if (routes.length === 0) return root;
  const own = root.entries.find(([key]) => key === "routes")?.[1];
  const others = root.entries.filter(([key]) => key !== "routes");
  const after = others.findIndex(([key]) => key === "continue") + 1;
  const items = [...routes, ...itemsOf(own)];
  return { entries: [...others.slice(0, after), ["routes", { items }], ...others.slice(after)] };
}
