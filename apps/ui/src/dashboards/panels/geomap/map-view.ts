import type { Size, View } from "../zooming/view-box.ts";
import { type MapPoint, projected, WORLD } from "./mercator.ts";

interface NamedView {
  readonly name: string;
  readonly longitude: number;
  readonly latitude: number;
  readonly zoom: number;
}

/** Views that Grafana offers by name. */
export const namedViews: Readonly<Record<string, NamedView>> = {
  "north-america": { name: "North America", longitude: -100, latitude: 40, zoom: 4 },
  "south-america": { name: "South America", longitude: -63, latitude: -24, zoom: 3 },
  europe: { name: "Europe", longitude: 14, latitude: 46, zoom: 4 },
  africa: { name: "Africa", longitude: 20, latitude: 0, zoom: 3 },
  "west-asia": { name: "West Asia", longitude: 53, latitude: 26, zoom: 4 },
  "s-asia": { name: "South Asia", longitude: 78, latitude: 19, zoom: 4 },
  "s-e-asia": { name: "South-East Asia", longitude: 106, latitude: 10, zoom: 4 },
  "e-asia": { name: "East Asia", longitude: 120, latitude: 33, zoom: 4 },
  australia: { name: "Australia", longitude: 135, latitude: -26, zoom: 4 },
  oceania: { name: "Oceania", longitude: 163, latitude: -10, zoom: 3 },
};

/** Settings of the first view of a map. */
export interface ViewSettings {
  readonly view: string;
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
  readonly zoom: number | undefined;
  readonly maxZoom: number | undefined;
  readonly padding: number | undefined;
  readonly isLastOnly: boolean;
}

const FIT_MAX_ZOOM = 10;

/** Returns the first view of a map: the named place, the coordinates, or the view that shows all points. */
export function firstView(settings: ViewSettings, points: readonly MapPoint[], size: Size): View {
  const { view, zoom = 1 } = settings;
  const shown = settings.isLastOnly ? points.slice(-1) : points;
  if (view === "fit" && shown.length > 0) return fitView(settings, shown, size);
  const named = Object.hasOwn(namedViews, view) ? namedViews[view] : undefined;
  const [longitude, latitude] =
    named === undefined
      ? view === "coords" || view === "zero"
        ? [settings.longitude ?? 0, settings.latitude ?? 0]
        : [0, 0]
      : [named.longitude, named.latitude];
  const [x, y] = projected(longitude, latitude);
  return { x, y, scale: 2 ** (named === undefined ? zoom : (settings.zoom ?? named.zoom)) };
}

function fitView({ maxZoom, padding = 5 }: ViewSettings, points: readonly MapPoint[], size: Size): View {
  let [west, east, north, south] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of points) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    north = Math.min(north, y);
    south = Math.max(south, y);
  }
  const space = 1 - Math.min(90, padding * 2) / 100;
  const scale = Math.min(
    2 ** Math.min(maxZoom ?? FIT_MAX_ZOOM, FIT_MAX_ZOOM),
    (size.width * space) / Math.max(1e-9, east - west),
    (size.height * space) / Math.max(1e-9, south - north),
  );
  return { x: (west + east) / 2, y: (north + south) / 2, scale };
}

/** Keeps the centre of a view on the map. */
export const keptOnMap = ({ x, y, scale }: View): View => ({
  x: Math.max(0, Math.min(WORLD, x)),
  y: Math.max(0, Math.min(WORLD, y)),
  scale,
});
