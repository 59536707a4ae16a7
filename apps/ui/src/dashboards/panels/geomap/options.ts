import { isObject, type JsonObject } from "@narthex/dashboards";
import { choice, grouped, number, type OptionsOf, raw, text, toggle } from "../../contracts/option-table.ts";
import { layersForm } from "./layer-options.ts";
import { namedViews } from "./map-view.ts";

type Shown = (options: Readonly<Record<string, unknown>>) => boolean;
const hasCoordinates: Shown = ({ view }) => view === "coords";

export const geomapOptions = {
  ...grouped("Map view", {
    view: choice(
      "view.id",
      "View",
      {
        zero: "(0°, 0°)",
        coords: "Coordinates",
        fit: "Fit to data",
        ...Object.fromEntries(Object.entries(namedViews).map(([id, { name }]) => [id, name])),
      },
      "zero",
    ),
    latitude: number("view.lat", "Latitude", 0, { min: -85, max: 85, isShown: hasCoordinates }),
    longitude: number("view.lon", "Longitude", 0, { min: -180, max: 180, isShown: hasCoordinates }),
    zoom: number("view.zoom", "Zoom", 1, { min: 0, max: 18 }),
    minZoom: number("view.minZoom", "Min zoom", undefined, { min: 0, max: 18 }),
    maxZoom: number("view.maxZoom", "Max zoom", undefined, { min: 0, max: 18 }),
    padding: number("view.padding", "Padding in percent", 5, {
      min: 0,
      max: 100,
      isShown: ({ view }) => view === "fit",
    }),
    isLastOnly: toggle("view.lastOnly", "Last value only", false, { isShown: ({ view }) => view === "fit" }),
  }),
  ...grouped("Base layer", {
    basemap: text("basemap.type", "Layer type", "default", {
      description: "Only the built-in map is drawn, because no page contacts other hosts",
    }),
  }),
  ...grouped("Layers", {
    layers: {
      ...raw<readonly JsonObject[]>(
        "layers",
        (value) => (Array.isArray(value) ? value.filter(isObject) : undefined),
        [],
      ),
      name: "Layers",
      form: layersForm,
    },
  }),
  ...grouped("Map controls", {
    hasZoom: toggle("controls.showZoom", "Show zoom control", true),
    hasWheel: toggle("controls.mouseWheelZoom", "Mouse wheel zoom", true),
    hasAttribution: toggle("controls.showAttribution", "Show attribution", true),
    hasScale: toggle("controls.showScale", "Show scale", false),
  }),
  ...grouped("Tooltip", {
    tooltip: choice("tooltip.mode", "Tooltip", { details: "Details", none: "None" }, "details"),
  }),
};
export type GeomapOptions = OptionsOf<typeof geomapOptions>;
