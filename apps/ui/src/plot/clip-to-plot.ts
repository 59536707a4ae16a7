import type uPlot from "uplot";

/** Limits canvas drawing to the area between the axes until the caller calls `ctx.restore()`. */
export function clipToPlot({ ctx, bbox }: Pick<uPlot, "ctx" | "bbox">): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
}
