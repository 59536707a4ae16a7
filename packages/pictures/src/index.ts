export { type PictureLook, picturePng, pictureSvg, scenePng } from "./draw-picture.ts";
export { drawPanel } from "./panels/draw-panel.ts";
export type {
  BarsPicture,
  NamedValue,
  Picture,
  PictureMark,
  PictureSeries,
  PictureThreshold,
  StatPicture,
  TablePicture,
  TextPicture,
  TimeSeriesPicture,
} from "./panels/picture.ts";
export type { Rect } from "./scene/rect.ts";
export { emptyScene, type Scene } from "./scene/scene.ts";
export { box, textLine } from "./scene/shapes.ts";
export { sceneSvg } from "./svg/write-svg.ts";
