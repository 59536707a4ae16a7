import { compileFieldMatcher } from "../field/field-matcher.ts";
import { reduceTo } from "../reduce/reduce-field.ts";
import { configColumns, configOf } from "./config-mapping.ts";
import type { TransformationKind } from "./transformation.ts";

export const configFromData: TransformationKind = {
  id: "configFromData",
  name: "Config from query results",
  description: "Set unit, least and greatest value, thresholds and more by the answer of a query",
  defaultOptions: { configRefId: "config", mappings: [] },
  apply: (frames, options) => {
    const refId = options.text("configRefId");
    const source = frames.find((frame) => frame.refId === refId);
    if (source === undefined) return frames;
    const config = configOf(configColumns(source, options, false), ({ field, reducer }) => reduceTo(field, reducer));
    const isWanted =
      compileFieldMatcher(options.matcher("applyTo") ?? { id: "numeric" }, frames) ?? ((): boolean => false);
    return frames
      .filter((frame) => frame !== source || frames.length === 1)
      .map((frame) => ({
        ...frame,
        fields: frame.fields.map((field) =>
          isWanted(field, frame) ? { ...field, config: { ...field.config, ...config } } : field,
        ),
      }));
  },
};
