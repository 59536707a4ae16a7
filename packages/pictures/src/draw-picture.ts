import { plotTheme } from "@narthex/dashboards";
import { type Clock, runInTimeSlices, type Steps, TimeSlice } from "@narthex/runtime";
import { drawPanel } from "./panels/draw-panel.ts";
import type { Picture } from "./panels/picture.ts";
import { encodePng } from "./png/encode-png.ts";
import { drawScene } from "./raster/draw-scene.ts";
import { emptyScene, type Scene } from "./scene/scene.ts";
import { sceneSvg } from "./svg/write-svg.ts";

/** Size and look of a picture. */
export interface PictureLook {
  /** Width and height, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
}

/** Length of a time slice, ms. */
const SLICE_MS = 5;

function* panelScene(picture: Picture, { width, height, scheme }: PictureLook): Steps<Scene> {
  const theme = plotTheme(scheme);
  const scene = emptyScene(width, height, theme.surface);
  yield* drawPanel(scene, picture, { x: 0, y: 0, width: scene.width, height: scene.height }, theme);
  return scene;
}

/** Draws a panel as an SVG document. Yields to the event loop every few milliseconds. */
export async function pictureSvg(picture: Picture, look: PictureLook, clock: Clock): Promise<string> {
  return sceneSvg(await runInTimeSlices(clock, panelScene(picture, look), new TimeSlice(clock, SLICE_MS)));
}

/** Draws a panel as a PNG file. `scale` is the number of its pixels for a CSS pixel: 2 for sharp text on most screens. */
export async function picturePng(picture: Picture, look: PictureLook, clock: Clock, scale = 2): Promise<Uint8Array> {
  return scenePng(
    await runInTimeSlices(clock, panelScene(picture, look), new TimeSlice(clock, SLICE_MS)),
    clock,
    scale,
  );
}

/** Draws a scene as a PNG file, as `picturePng` does. */
export async function scenePng(scene: Scene, clock: Clock, scale = 2): Promise<Uint8Array> {
  const slice = new TimeSlice(clock, SLICE_MS);
  return encodePng(await runInTimeSlices(clock, drawScene(scene, scale), slice), clock, slice);
}
