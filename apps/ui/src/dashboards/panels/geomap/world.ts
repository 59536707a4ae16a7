import type { FindPlace } from "./locations.ts";
import { type MapPoint, projected } from "./mercator.ts";

/** The built-in map: the outlines of the countries, and their centres. */
export interface World {
  /** SVG path of all countries in projected coordinates. */
  readonly outline: string;
  readonly findPlace: FindPlace;
}

/** A ring of places: longitude and latitude in degrees. */
type Ring = readonly (readonly number[])[];

let loaded: Promise<World> | undefined;

/** Loads the built-in map once. A failed load is repeated at the next call. */
export async function loadWorld(): Promise<World> {
  loaded ??= makeWorld();
  try {
    return await loaded;
  } catch (error) {
    loaded = undefined;
    throw error;
  }
}

async function makeWorld(): Promise<World> {
  const [{ default: atlas }, { feature }, { default: codes }] = await Promise.all([
    import("world-atlas/countries-110m.json"),
    import("topojson-client"),
    import("i18n-iso-countries/codes.json"),
  ]);
  const topology = atlas as unknown as Parameters<typeof feature>[0];
  const collection = feature(topology, topology.objects["countries"]!);
  const features = collection.type === "FeatureCollection" ? collection.features : [collection];
  const byNumber = new Map(codes.map(([short, long, number]) => [Number(number), [short, long]]));
  const centres = new Map<string, readonly [number, number]>();
  const paths: string[] = [];
  for (const { geometry, id, properties } of features) {
    const polygons: readonly (readonly Ring[])[] =
      geometry.type === "Polygon"
        ? [geometry.coordinates]
        : geometry.type === "MultiPolygon"
          ? geometry.coordinates
          : [];
    for (const rings of polygons) for (const ring of rings) paths.push(ringPath(unwrapped(ring)));
    const centre = centreOf(polygons.flatMap(([outer]) => (outer === undefined ? [] : [unwrapped(outer)])));
    const name: unknown = properties?.["name"];
    const names = [...(byNumber.get(Number(id)) ?? []), typeof name === "string" ? name : ""];
    if (centre !== undefined)
      for (const one of names) if (one !== undefined && one !== "") centres.set(one.toLowerCase(), centre);
  }
  return { outline: paths.join(""), findPlace: (name) => centres.get(name.trim().toLowerCase()) };
}

/**
 * Returns a ring that crosses the 180th meridian with longitudes beyond 180, so that it has no line across the map. A
 * ring around a pole is not changed.
 */
export function unwrapped(ring: Ring): Ring {
  let turn = 0;
  const points = ring.map(([longitude = 0, latitude = 0], at) => {
    const step = at === 0 ? 0 : longitude - ring[at - 1]![0]!;
    if (step > 180) turn -= 360;
    else if (step < -180) turn += 360;
    return [longitude + turn, latitude] as const;
  });
  return turn === 0 ? points : ring;
}

/** Returns the path of a ring. A ring beyond the edge of the map is drawn at both edges. */
function ringPath(ring: Ring): string {
  const longitudes = ring.map(([longitude = 0]) => longitude);
  const shifts = [
    0,
    ...(longitudes.some((longitude) => longitude > 180) ? [-360] : []),
    ...(longitudes.some((longitude) => longitude < -180) ? [360] : []),
  ];
  return shifts.map((shift) => shiftedPath(ring, shift)).join("");
}

const shiftedPath = (ring: Ring, shift: number): string =>
  `M${ring
    .map(([longitude = 0, latitude = 0]) => projected(longitude + shift, latitude))
    .map(([x, y]: MapPoint) => `${x.toFixed(2)} ${y.toFixed(2)}`)
    .join("L")}Z`;

/** Returns the centre of gravity of the ring with the largest area. */
export function centreOf(rings: readonly Ring[]): readonly [longitude: number, latitude: number] | undefined {
  let best: readonly [number, number] | undefined;
  let most = 0;
  for (const ring of rings) {
    let [area, x, y] = [0, 0, 0];
    for (let at = 0; at + 1 < ring.length; at++) {
      const [ax = 0, ay = 0] = ring[at]!;
      const [bx = 0, by = 0] = ring[at + 1]!;
      const cross = ax * by - bx * ay;
      area += cross;
      x += (ax + bx) * cross;
      y += (ay + by) * cross;
    }
    if (Math.abs(area) <= most) continue;
    most = Math.abs(area);
    const longitude = x / (3 * area);
    best = [longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude, y / (3 * area)];
  }
  return best;
}
