import type uPlot from "uplot";

/** Saves the state of the canvas, and limits drawing to the area between the axes until `ctx.restore()`. */
export function clipToPlot({ ctx, bbox }: Pick<uPlot, "ctx" | "bbox">): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
}
