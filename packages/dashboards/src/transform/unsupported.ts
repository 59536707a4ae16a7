import { TransformationError, type TransformationKind } from "./transformation.ts";

const unsupported = (id: string, name: string, description: string): TransformationKind => ({
  id,
  name,
  description,
  defaultOptions: {},
  apply: () => {
    throw new TransformationError("it is not supported; the data is shown without it");
  },
});

export const fieldLookup = unsupported(
  "fieldLookup",
  "Lookup fields from resource",
  "Look up places of the world by names",
);

export const spatial = unsupported("spatial", "Spatial operations", "Calculate with places of the world");

/** The transformation `noop`, which returns its frames unchanged. */
export const noop: TransformationKind = {
  id: "noop",
  name: "No operation",
  description: "Leave everything as it is",
  defaultOptions: {},
  apply: (frames) => frames,
};
