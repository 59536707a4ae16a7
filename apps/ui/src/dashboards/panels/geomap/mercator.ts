/** Size of the world at zoom 0. */
export const WORLD = 256;
/** The largest latitude of the projection. */
const MAX_LATITUDE = 85.05;

/** A point of the projected world: 0 to 256, from west to east and from north to south. */
export type MapPoint = readonly [x: number, y: number];

/** Projects a place on the earth, in degrees, with Web Mercator. */
export function projected(longitude: number, latitude: number): MapPoint {
  const radians = (Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, latitude)) * Math.PI) / 180;
  const y = 0.5 - Math.log(Math.tan(Math.PI / 4 + radians / 2)) / (2 * Math.PI);
  return [((longitude + 180) / 360) * WORLD, y * WORLD];
}

/** Returns the latitude of a projected point, degrees. */
export const latitudeOf = (y: number): number =>
  (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / WORLD))) * 180) / Math.PI;

const DIGITS = "0123456789bcdefghjkmnpqrstuvwxyz";

/** Returns the centre of a geohash as longitude and latitude; undefined if the text is not a geohash. */
export function geohashCentre(hash: string): readonly [longitude: number, latitude: number] | undefined {
  if (hash === "" || hash.length > 12) return undefined;
  const ranges: [[number, number], [number, number]] = [
    [-180, 180],
    [-90, 90],
  ];
  let isLatitude = 0;
  for (const letter of hash.toLowerCase()) {
    const digit = DIGITS.indexOf(letter);
    if (digit < 0) return undefined;
    for (let bit = 16; bit >= 1; bit /= 2) {
      const range = ranges[isLatitude]!;
      range[(digit & bit) === 0 ? 1 : 0] = (range[0] + range[1]) / 2;
      isLatitude = 1 - isLatitude;
    }
  }
  const [[west, east], [south, north]] = ranges;
  return [(west + east) / 2, (south + north) / 2];
}

/** The longest round distance that fits into a width, with its width in pixels. */
export function scaleBar(scale: number, y: number, most: number): { readonly text: string; readonly width: number } {
  const equator = 40_075_017;
  const metresPerPixel = (equator * Math.cos((latitudeOf(y) * Math.PI) / 180)) / (WORLD * scale);
  const longest = metresPerPixel * most;
  const power = 10 ** Math.floor(Math.log10(longest));
  const metres = ([5, 2, 1].find((factor) => factor * power <= longest) ?? 1) * power;
  return { text: metres >= 1000 ? `${metres / 1000} km` : `${metres} m`, width: metres / metresPerPixel };
}
