import type { JsonValue } from "@narthex/config";
import type { ReferenceReader } from "../../custom-objects/references.ts";
import { SpecError } from "../../custom-objects/spec-error.ts";
import { type ObjectSettings, objectSettings, type SettingsContext } from "../object-settings.ts";
import { valueOfKey } from "./every-receiver.ts";

/** Reads the Secret `keys`, which every namespace has. No other Secret exists. */
const references: ReferenceReader = {
  secret: (reference) => {
    if (reference.text("name") !== "keys") throw new SpecError(`secret "${reference.text("name")}" not found`);
    return valueOfKey(reference.text("key"));
  },
  configMap: (reference) => `C-${reference.text("key")}`,
  waitsFor: "",
};

/** Returns the settings of the object `shop/web`, or of an object with another name. */
export const settingsOf = (
  spec: JsonValue,
  options: Partial<Omit<SettingsContext, "references">> & { readonly namespace?: string; readonly name?: string } = {},
): ObjectSettings => {
  const { namespace = "shop", name = "web", version = "v1alpha1", onlyNamespace = true } = options;
  return objectSettings({ namespace, name, spec }, { version, references, onlyNamespace });
};
