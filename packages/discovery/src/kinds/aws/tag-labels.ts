import type { XmlElement } from "@narthex/http";
import type { JsonValue } from "../../answers/json-value.ts";
import { sanitizeLabelName } from "../../target-labels.ts";

/** The tags of a resource: pairs of a key and a value. */
export type Tags = readonly (readonly [key: string, value: string])[];

/** Returns the tags of a resource in a JSON answer. Tags without a key or a value are left out. */
export const jsonTags = (resource: JsonValue): Tags =>
  resource
    .list("tags")
    .filter((tag) => !tag.field("key").isNull && !tag.field("value").isNull)
    .map((tag) => [tag.text("key"), tag.text("value")] as const);

/** Returns the tags in a list of an XML answer. Tags without a key or a value are left out. */
export const xmlTags = (list: XmlElement, key = "Key", value = "Value"): Tags =>
  list.items.flatMap((tag) => {
    const pair = [tag.text(key), tag.text(value)] as const;
    return pair[0] === undefined || pair[1] === undefined ? [] : [[pair[0], pair[1]] as const];
  });

/** Returns a label for each tag, named `<prefix><key>`. */
export const tagLabels = (prefix: string, tags: Tags): Record<string, string> =>
  Object.fromEntries(tags.map(([key, value]) => [prefix + sanitizeLabelName(key), value] as const));
