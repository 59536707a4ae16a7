import { sliceFrame } from "../frame/frame-window.ts";
import type { TransformationKind } from "./transformation.ts";

export const limit: TransformationKind = {
  id: "limit",
  name: "Limit",
  description: "Keep the first rows, or with a number below zero the last",
  defaultOptions: { limitField: 10 },
  apply: (frames, options) => {
    const rows = Math.trunc(options.number("limitField") ?? (typeof options.raw("limitField") === "string" ? NaN : 10));
    // Ignores a limit that is a text without a number.
    if (Number.isNaN(rows)) return frames;
    return frames.map((frame) =>
      rows >= 0 ? sliceFrame(frame, 0, rows) : sliceFrame(frame, frame.length + rows, frame.length),
    );
  },
};
