import type { ContextPicture } from "@narthex/notification";
import { picturePng, type PictureLook, type TimeSeriesPicture } from "@narthex/pictures";
import type { Clock } from "@narthex/runtime";

/** Sizes of the file, the largest first: width and height, and pixels for a CSS pixel. */
const SIZES: readonly { readonly width: number; readonly height: number; readonly scale: number }[] = [
  { width: 720, height: 340, scale: 2 },
  { width: 720, height: 340, scale: 1 },
  { width: 480, height: 260, scale: 1 },
  { width: 320, height: 180, scale: 1 },
];

/** Draws the picture of an alert. Smaller files are drawn when they are requested. */
export async function drawAlertPicture(
  picture: TimeSeriesPicture,
  scheme: PictureLook["scheme"],
  clock: Clock,
): Promise<ContextPicture> {
  const drawn = new Map<number, Promise<Uint8Array>>();
  const file = (index: number): Promise<Uint8Array> => {
    const { scale, ...size } = SIZES[index]!;
    const known = drawn.get(index) ?? picturePng(picture, { ...size, scheme }, clock, scale);
    drawn.set(index, known);
    return known;
  };
  await file(0);
  const { width, height } = SIZES[0]!;
  return {
    title: picture.title,
    width,
    height,
    async png(maxBytes) {
      for (let index = 0; index < SIZES.length; index++) {
        const bytes = await file(index);
        if (bytes.length <= maxBytes) return bytes;
      }
      return undefined;
    },
  };
}
