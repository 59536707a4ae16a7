import { projected, WORLD } from "./mercator.ts";

const DAY_MS = 86_400_000;

/**
 * Returns the SVG path of the dark side of the earth at a time (epoch ms). The position of the sun is
 * accurate to about one degree.
 */
export function nightPath(time: number): string {
  const days = time / DAY_MS - 10_957.5;
  const radians = Math.PI / 180;
  const anomaly = (357.529 + 0.985_600_28 * days) * radians;
  const sun = (280.459 + 0.985_647_36 * days + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * radians;
  const tilt = 23.439 * radians;
  const declination = Math.asin(Math.sin(tilt) * Math.sin(sun));
  const ascension = Math.atan2(Math.cos(tilt) * Math.sin(sun), Math.cos(sun)) / radians;
  const noon = ascension - (280.460_618_37 + 360.985_647_366_29 * days);
  const tangent = Math.abs(declination) < 1e-4 ? 1e-4 : Math.tan(declination);
  const points = Array.from({ length: 181 }, (_, at) => {
    const longitude = at * 2 - 180;
    const latitude = Math.atan(-Math.cos((longitude - noon) * radians) / tangent) / radians;
    const [x, y] = projected(longitude, latitude);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  // In the northern summer the night includes the South Pole.
  const pole = tangent > 0 ? WORLD : 0;
  return `M0 ${pole}L${points.join("L")}L${WORLD} ${pole}Z`;
}
