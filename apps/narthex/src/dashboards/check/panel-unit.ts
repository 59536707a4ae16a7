import type { Problem } from "./finding.ts";
import type { PanelQuery } from "./panel-queries.ts";
import { type MetricMetadata, type Quantity, quantityOf } from "./unit-of-query.ts";

const words = (text: string): readonly string[] => text.split(" ");

/**
 * Grafana units by the quantity that they show. The first unit in each row is the one to suggest, because it shows
 * values without scaling.
 */
const SHOWN: readonly (readonly [
  unit: string,
  perSecond: boolean,
  exact: readonly string[],
  scaled: readonly string[],
])[] = [
  [
    "bytes",
    false,
    words("bytes decbytes"),
    words("kbytes mbytes gbytes tbytes pbytes deckbytes decmbytes decgbytes dectbytes decpbytes"),
  ],
  ["bits", false, words("bits decbits"), []],
  ["bytes", true, words("Bps binBps"), words("KBs MBs GBs TBs PBs KiBs MiBs GiBs TiBs PiBs")],
  ["bits", true, words("bps binbps"), words("Kbits Mbits Gbits Tbits Pbits Kibits Mibits Gibits Tibits Pibits")],
  [
    "seconds",
    false,
    words("s dtdurations clocks dthms dtdhms"),
    words("ms µs ns m h d dtdurationms clockms timeticks"),
  ],
  ["celsius", false, words("celsius"), words("fahrenheit kelvin")],
  ["volts", false, words("volt"), words("kvolt mvolt")],
  ["amperes", false, words("amp"), words("mamp kamp")],
  ["joules", false, words("joule"), words("watth kwatth")],
  ["watts", false, words("watt"), words("kwatt mwatt megwatt gwatt")],
  ["joules", true, words("watt"), words("kwatt mwatt megwatt gwatt")],
  ["hertz", false, words("hertz rothz"), words("rotkhz rotmhz rotghz")],
  ["meters", false, words("lengthm"), words("lengthmm lengthkm lengthmi lengthft")],
  ["ratio", false, words("percentunit"), words("percent")],
  ["percent", false, words("percent"), words("percentunit")],
];

const textOf = ({ unit, perSecond }: Quantity): string => (perSecond ? `${unit} per second` : unit);

/** Units that name a quantity, unlike `short`, `none` and custom units. */
const known = new Set(SHOWN.flatMap(([, , exact, scaled]) => [...exact, ...scaled]));

/** Reports a panel's unit that does not fit the quantity of its query. */
export function checkUnit(
  { panel, target, expr }: PanelQuery,
  lookup: (name: string) => MetricMetadata | undefined,
  report: (problem: Problem) => void,
): void {
  const { defaults, overrides } = panel.fieldConfig;
  const unit = defaults.unit ?? "";
  // Skips the check if an override sets the unit, or if transformations may change the quantity.
  if (overrides.some(({ properties }) => properties.some(({ id }) => id === "unit"))) return;
  if (!known.has(unit) || panel.transformations.length > 0) return;
  const quantity = quantityOf(expr, lookup);
  if (quantity === undefined) return;
  const fitting = SHOWN.filter(([name, perSecond]) => name === quantity.unit && perSecond === quantity.perSecond);
  const [first] = fitting;
  if (first === undefined || fitting.some(([, , exact]) => exact.includes(unit))) return;
  const isScaled = fitting.some(([, , , scaled]) => scaled.includes(unit));
  const what = isScaled ? "shows them with a wrong factor" : "is a unit of another quantity";
  const message = `query ${target.refId} returns ${textOf(quantity)}, but the panel's unit "${unit}" ${what}; use "${first[2][0]}"`;
  report({ severity: "warning", check: "unit", message, panel, path: "fieldConfig.defaults.unit" });
}
