import type { TransformationKind } from "./transformation.ts";

export const convertFrameType: TransformationKind = {
  id: "convertFrameType",
  name: "Convert frame type",
  description: "Have series drawn as exemplars",
  defaultOptions: {},
  apply: (frames, options) => {
    if (options.text("targetType") !== "exemplar") return frames;
    return frames.map((frame) => ({
      ...frame,
      name: "exemplar",
      meta: { ...frame.meta, type: "annotations", custom: { ...frame.meta?.custom, resultType: "exemplar" } },
    }));
  },
};
