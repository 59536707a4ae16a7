import { isLabelName, Labels, type NameValidation } from "@narthex/model";
import { type Codec, INVALID } from "./codec.ts";
import { mapOf } from "./collections.ts";
import { text } from "./plain-values.ts";

/**
 * Returns the codec of a mapping from label names to values. The names must be valid under `scheme`. A label with an
 * empty value is dropped.
 */
export function labelSet(scheme: NameValidation, goType = "model.LabelSet"): Codec<Labels> {
  const texts = mapOf(text, goType);
  return {
    goType,
    decode(node, context) {
      const map = texts.decode(node, context);
      if (map === INVALID || node.kind !== "map") return INVALID;
      let sound = true;
      for (const { key, value } of node.entries) {
        if (!isLabelName(key.text, scheme)) {
          context.reportValue(key, "bad-label-name", `"${key.text}" is not a valid label name`, "rename the label");
          sound = false;
        } else if (value.kind === "scalar" && (value.isNotUtf8 === true || !value.text.isWellFormed())) {
          context.reportValue(
            value,
            "bad-label-value",
            `"${value.text}" is not a valid label value`,
            "write it in UTF-8",
          );
          sound = false;
        }
      }
      return sound ? Labels.of(map) : INVALID;
    },
    encode: (value) => ({ entries: [...value] }),
    isZero: (value) => value.size === 0,
  };
}
