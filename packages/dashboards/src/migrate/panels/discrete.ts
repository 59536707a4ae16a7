import { type MutableJson, numberOf, objectAt, objectsAt, ownValue, textAt, withoutAbsent } from "../../model/json.ts";
import { oldMappingsOf } from "./old-mappings.ts";
import { deleteKeys, fieldConfigOf, type PanelMigration } from "./panel-migration.ts";

const DISCRETE_KEYS = [
  ..."backgroundColor colorMaps crosshairColor decimals display extendLastValue highlightOnMouseover".split(" "),
  ..."legendSortBy lineColor mappingTypes mappingType metricNameColor rangeMaps rowHeight showLegend".split(" "),
  ..."showLegendNames showLegendPercent showLegendValues textSize textSizeTime timeTextColor units".split(" "),
  ..."valueMaps valueTextColor writeAllValues writeLastValue writeMetricNames".split(" "),
];

/** Converts panels of the Discrete plugin, which drew states over time, to state timelines. */
export const discreteMigration: PanelMigration = {
  kinds: ["natel-discrete-panel"],
  migrate(panel, path, findings) {
    const { defaults } = fieldConfigOf(panel);
    const mappings = [...oldMappingsOf(panel), ...colorsOf(panel)];
    Object.assign(
      defaults,
      withoutAbsent({
        unit: textAt(panel, "units") || undefined,
        decimals: numberOf(ownValue(panel, "decimals")),
        mappings: mappings.length === 0 ? undefined : mappings,
        custom: { ...objectAt(defaults, "custom"), fillOpacity: 70, lineWidth: 0 },
      }),
    );
    const legend = { showLegend: Boolean(panel["showLegend"]), displayMode: "list", placement: "bottom", calcs: [] };
    panel["options"] = {
      mergeValues: true,
      showValue: panel["writeAllValues"] ? "always" : "auto",
      alignValue: "left",
      rowHeight: 0.9,
      legend,
      tooltip: { mode: "single", sort: "none" },
    };
    panel["type"] = "state-timeline";
    deleteKeys(panel, DISCRETE_KEYS);
    findings.change(path, "The panel of the Discrete plugin was converted to a state timeline.");
  },
};

/**
 * Returns value mappings with the colours that the plugin assigned to values. The mappings do not change the text of a
 * value.
 */
function colorsOf(panel: MutableJson): MutableJson[] {
  const colors = objectsAt(panel, "colorMaps").flatMap((map): [string, MutableJson][] => {
    const [text, color] = [textAt(map, "text"), textAt(map, "color")];
    return text === "" || color === "" || text === "__proto__" ? [] : [[text, { text, color }]];
  });
  return colors.length === 0 ? [] : [{ type: "value", options: Object.fromEntries(colors) }];
}
