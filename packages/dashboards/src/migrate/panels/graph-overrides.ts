import { type MutableJson, numberOf, objectAt, objectsAt, textAt } from "../../model/json.ts";

type Property = { readonly id: string; readonly value: unknown };

/**
 * Functions that convert a graph's settings for a series to override properties. Settings that are not listed, such as
 * `zindex`, have no counterpart.
 */
const SETTINGS: Readonly<Record<string, (value: unknown) => Property[]>> = {
  fill: (value) => ofNumber("custom.fillOpacity", value, (fill) => fill * 10),
  fillBelowTo: (value) => (typeof value === "string" ? [{ id: "custom.fillBelowTo", value }] : []),
  fillGradient: (value) =>
    value
      ? [{ id: "custom.gradientMode", value: "opacity" }, ...ofNumber("custom.fillOpacity", value, (fill) => fill * 10)]
      : [],
  points: (value) => [{ id: "custom.showPoints", value: value ? "always" : "never" }],
  bars: (value) =>
    value
      ? [
          { id: "custom.drawStyle", value: "bars" },
          { id: "custom.fillOpacity", value: 100 },
        ]
      : [{ id: "custom.drawStyle", value: "line" }],
  lines: (value) => (value ? [{ id: "custom.drawStyle", value: "line" }] : [{ id: "custom.lineWidth", value: 0 }]),
  linewidth: (value) => ofNumber("custom.lineWidth", value, (width) => width),
  pointradius: (value) => ofNumber("custom.pointSize", value, (radius) => 2 + radius * 2),
  steppedLine: (value) => [{ id: "custom.lineInterpolation", value: value ? "stepAfter" : "linear" }],
  nullPointMode: (value) => [{ id: "custom.spanNulls", value: value === "connected" }],
  stack: (value) => [{ id: "custom.stacking", value: stacking(value) }],
  color: (value) => (typeof value === "string" ? [{ id: "color", value: { mode: "fixed", fixedColor: value } }] : []),
  transform: (value) => (value === "negative-Y" || value === "constant" ? [{ id: "custom.transform", value }] : []),
  legend: (value) => (value === false ? [hideFrom({ legend: true })] : []),
  hideTooltip: (value) => (value ? [hideFrom({ tooltip: true })] : []),
  hiddenSeries: (value) => (value ? [hideFrom({ viz: true, tooltip: true })] : []),
};

function ofNumber(id: string, value: unknown, of: (number: number) => number): Property[] {
  const number = numberOf(value);
  return number === undefined ? [] : [{ id, value: of(number) }];
}

function stacking(group: unknown): MutableJson {
  if (group === false) return { mode: "none", group: "A" };
  return { mode: "normal", group: typeof group === "string" ? group : "A" };
}

function hideFrom(from: MutableJson): Property {
  return { id: "custom.hideFrom", value: { legend: false, tooltip: false, viz: false, ...from } };
}

/** Reports whether a graph has series on its right axis. */
export function isRightAxisUsed(panel: Readonly<MutableJson>): boolean {
  return objectsAt(panel, "seriesOverrides").some((override) => numberOf(override["yaxis"]) === 2);
}

/**
 * Converts a graph's settings for individual series to overrides of fields. The settings select series by alias or
 * regular expression. `right` contains the settings of the right axis.
 */
export function seriesOverridesOf(panel: Readonly<MutableJson>, right: MutableJson): MutableJson[] {
  return objectsAt(panel, "seriesOverrides").flatMap((override) => {
    const alias = textAt(override, "alias");
    const properties = [
      ...Object.entries(override).flatMap(([key, value]) =>
        Object.hasOwn(SETTINGS, key) ? SETTINGS[key]!(value) : [],
      ),
      ...dashes(override, panel),
      ...(numberOf(override["yaxis"]) === 2 ? rightAxis(right) : []),
    ];
    if (alias === "" || properties.length === 0) return [];
    const isPattern = alias.length > 2 && alias.startsWith("/") && alias.endsWith("/");
    return [{ matcher: { id: isPattern ? "byRegexp" : "byName", options: alias }, properties }];
  });
}

function dashes(override: MutableJson, panel: Readonly<MutableJson>): Property[] {
  const keys = ["dashes", "dashLength", "spaceLength"];
  if (!keys.some((key) => Object.hasOwn(override, key))) return [];
  const [isDashed, dash, space] = keys.map((key) => override[key] ?? panel[key]);
  const value = { fill: isDashed ? "dash" : "solid", dash: [numberOf(dash) ?? 10, numberOf(space) ?? 10] };
  return [{ id: "custom.lineStyle", value }];
}

function rightAxis(right: MutableJson): Property[] {
  const { custom: _, ...config } = right;
  const custom = objectAt(right, "custom") ?? {};
  const placement = custom["axisPlacement"] === "hidden" ? "hidden" : "right";
  return [
    ...Object.entries(config).map(([id, value]) => ({ id, value })),
    ...Object.entries({ ...custom, axisPlacement: placement }).map(([key, value]) => ({ id: `custom.${key}`, value })),
  ];
}
