import type { Findings } from "../model/findings.ts";
import { isObject, type MutableJson, objectAt, objectsAt, ownValue, textAt } from "../model/json.ts";
import { panelsOf } from "../model/json-panels.ts";

/** Keys of a panel that are kept when its library panel is inserted. */
const OWN_KEYS = ["id", "gridPos", "libraryPanel", "repeat", "repeatDirection", "maxPerRow"];

/** Copies library panels that an export contains into the panels that refer to them. Changes the dashboard in place. */
export function insertLibraryPanels(dashboard: MutableJson, findings: Findings): void {
  const models = modelsOf(dashboard);
  delete dashboard["__elements"];
  for (const { panel, path } of panelsOf(dashboard)) {
    const uid = textAt(objectAt(panel, "libraryPanel") ?? {}, "uid");
    if (uid === "") continue;
    const model = models.get(uid);
    if (model === undefined) {
      if (textAt(panel, "type") === "" || panel["type"] === "library-panel-ref")
        findings.problem(
          `${path}.libraryPanel`,
          `The file does not contain the library panel "${uid.slice(0, 80)}"; the panel stays empty.`,
        );
      continue;
    }
    const own = Object.fromEntries(OWN_KEYS.flatMap((key) => (Object.hasOwn(panel, key) ? [[key, panel[key]]] : [])));
    for (const key of Object.keys(panel)) delete panel[key];
    Object.assign(panel, model, own);
  }
}

/** Returns the library panels of an export by uid. `__elements` is an object by uid; early exports had a list. */
function modelsOf(dashboard: MutableJson): Map<string, MutableJson> {
  const elements = ownValue(dashboard, "__elements");
  const list = Array.isArray(elements)
    ? objectsAt(dashboard, "__elements")
    : Object.values(isObject(elements) ? elements : {}).filter(isObject);
  return new Map(
    list.flatMap((element): [string, MutableJson][] => {
      const model = objectAt(element, "model");
      return model === undefined ? [] : [[textAt(element, "uid"), model]];
    }),
  );
}
