import type { JsonObject } from "@narthex/dashboards";
import { choice, color, type ItemsForm, number, text, toggle } from "../../contracts/option-table.ts";

type Read = Readonly<Record<string, unknown>>;

/** A new layer. A panel without layers draws this one. */
export const USUAL_LAYER: JsonObject = { type: "markers", name: "", location: { mode: "auto" } };

const symbols = ["circle", "square", "triangle", "star", "cross", "x", "pin"];
const isOf =
  (...kinds: readonly string[]) =>
  ({ kind }: Read): boolean =>
    kinds.includes(String(kind));
const hasPoints = isOf("markers", "heatmap", "route");
const isPlacedBy =
  (wanted: string) =>
  (read: Read): boolean =>
    hasPoints(read) && read["mode"] === wanted;
const field = (path: string, name: string, isShown: (read: Read) => boolean) =>
  text(path, name, "", { input: "field", isShown });

/** The form of the layers of a map. Other parts of a layer's JSON stay as they are. */
export const layersForm: ItemsForm = {
  noun: "Layer",
  most: 20,
  added: USUAL_LAYER,
  table: {
    kind: choice(
      "type",
      "Layer type",
      { markers: "Markers", heatmap: "Heatmap", route: "Route", dayNight: "Night" },
      "markers",
    ),
    name: text("name", "Name"),
    mode: choice(
      "location.mode",
      "Location",
      { auto: "Auto", coords: "Coordinates", geohash: "Geohash", lookup: "Country or place" },
      "auto",
      { isShown: hasPoints },
    ),
    latitude: field("location.latitude", "Latitude field", isPlacedBy("coords")),
    longitude: field("location.longitude", "Longitude field", isPlacedBy("coords")),
    geohash: field("location.geohash", "Geohash field", isPlacedBy("geohash")),
    lookup: field("location.lookup", "Field of the country or place", isPlacedBy("lookup")),
    colorField: field("config.style.color.field", "Field for the color", isOf("markers", "route")),
    color: color("config.style.color.fixed", "Color", "dark-green", { isShown: isOf("markers", "route") }),
    sizeField: field("config.style.size.field", "Field for the size", isOf("markers")),
    size: number("config.style.size.fixed", "Size", 5, { min: 1, max: 100, isShown: isOf("markers", "route") }),
    minSize: number("config.style.size.min", "Min size", 2, {
      min: 1,
      max: 100,
      isShown: ({ kind, sizeField }) => kind === "markers" && sizeField !== "",
    }),
    maxSize: number("config.style.size.max", "Max size", 15, {
      min: 1,
      max: 100,
      isShown: ({ kind, sizeField }) => kind === "markers" && sizeField !== "",
    }),
    symbol: choice(
      "config.style.symbol.fixed",
      "Symbol",
      Object.fromEntries(
        symbols.map((symbol) => [`img/icons/marker/${symbol}.svg`, symbol.slice(0, 1).toUpperCase() + symbol.slice(1)]),
      ),
      "img/icons/marker/circle.svg",
      { isShown: isOf("markers") },
    ),
    labelField: field("config.style.text.field", "Field for the text", isOf("markers")),
    label: text("config.style.text.fixed", "Text", "", { isShown: isOf("markers") }),
    opacity: number("config.style.opacity", "Opacity", 0.4, { min: 0, max: 1, isShown: isOf("markers", "route") }),
    weight: field("config.weight.field", "Field for the weight", isOf("heatmap")),
    radius: number("config.radius", "Radius", 5, { min: 1, max: 50, isShown: isOf("heatmap") }),
    blur: number("config.blur", "Blur", 15, { min: 1, max: 50, isShown: isOf("heatmap") }),
    hasLegend: toggle("config.showLegend", "Show legend", true, { isShown: hasPoints }),
    hasTooltip: toggle("tooltip", "Show tooltip", true, { isShown: hasPoints }),
  },
};
