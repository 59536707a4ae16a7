import type { Field, Frame } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { hostedPanel } from "../../testing/hosted-panel.tsx";
import type { FieldView } from "../../contracts/field-view.ts";
import { GeomapPanel } from "./GeomapPanel.tsx";
import { geomap } from "./index.ts";
import { type FindPlace, locatorOf } from "./locations.ts";
import { MAX_LAYERS, MAX_POINTS, planLayers } from "./map-layers.ts";
import { firstView, keptOnMap } from "./map-view.ts";
import { geohashCentre, latitudeOf, projected, scaleBar } from "./mercator.ts";
import { nightPath } from "./night.ts";
import { centreOf, loadWorld, unwrapped } from "./world.ts";

const text = (name: string, values: readonly string[], config = {}): Field => ({
  name,
  type: "string",
  values,
  config,
});
const number = (name: string, values: readonly number[], config = {}): Field => ({
  name,
  type: "number",
  values: Float64Array.from(values),
  config,
});
const frame = (...fields: readonly Field[]): Frame => ({ length: fields[0]!.values.length, fields, refId: "A" });
const noPlace = () => undefined;

function locate(of: Frame, location: unknown, findPlace: FindPlace) {
  const placeOf = locatorOf(of, location, findPlace);
  if (typeof placeOf === "string") return placeOf;
  return Array.from({ length: of.length }, (_, row) => placeOf(row)).map((place) => place && projected(...place));
}

const context = {
  cssColor: (color: string) => `css ${color}`,
  viewOf: (field: Field): FieldView => ({
    name: field.name,
    color: "auto",
    range: { min: 0, max: 100 },
    display: () => ({ text: "", numeric: 0, color: "shown", prefix: "", suffix: "" }),
    text: String,
    colorOf: (value) => `of ${value}`,
  }),
};

test("the projection places the equator in the middle, and poles within the map", () => {
  expect(projected(0, 0)[0]).toBe(128);
  expect(projected(0, 0)[1]).toBeCloseTo(128);
  expect(projected(180, 90)[1]).toBeCloseTo(0, 0);
  expect(latitudeOf(projected(0, 52.5)[1])).toBeCloseTo(52.5);
});

test("a geohash has a centre, and other texts have none", () => {
  const [longitude, latitude] = geohashCentre("u33dc0")!;
  expect(longitude).toBeCloseTo(13.37, 1);
  expect(latitude).toBeCloseTo(52.52, 1);
  expect([geohashCentre(""), geohashCentre("a!"), geohashCentre("u".repeat(13))]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("places are read from coordinates, geohashes and names of countries", async () => {
  const { findPlace } = await loadWorld();
  const cities = frame(number("Latitude", [52.5, 91, Number.NaN]), number("lon", [13.4, 0, 0]));
  expect(locate(cities, undefined, noPlace)).toEqual([projected(13.4, 52.5), undefined, undefined]);
  expect(locate(frame(text("geohash", ["u33", "?"])), { mode: "geohash" }, noPlace)).toEqual([
    projected(...geohashCentre("u33")!),
    undefined,
  ]);
  const [short, long, name, unknown] = locate(
    frame(text("where", ["DE", "deu", "Germany", "Atlantis"])),
    { mode: "lookup", lookup: "where" },
    findPlace,
  );
  expect([long, name, unknown]).toEqual([short, short, undefined]);
  expect(latitudeOf((short as readonly [number, number])[1])).toBeCloseTo(51, 0);
  expect(locate(cities, { mode: "coords", latitude: "gone", longitude: "lon" }, noPlace)).toContain("latitude");
  expect(locate(frame(text("x", ["1"])), {}, noPlace)).toContain("No field contains a place");
});

test("the centre of a country is in its largest part", () => {
  const square = (x: number, size: number) => [
    [x, 0],
    [x + size, 0],
    [x + size, size],
    [x, size],
    [x, 0],
  ];
  expect(centreOf([square(100, 1), square(0, 10)])).toEqual([5, 5]);
  expect(centreOf([])).toBeUndefined();
});

test("a country across the 180th meridian has no line across the map", async () => {
  const ring = [
    [170, 0],
    [-170, 0],
    [-170, 10],
    [170, 10],
    [170, 0],
  ];
  expect(unwrapped(ring).map(([longitude]) => longitude)).toEqual([170, 190, 190, 170, 170]);
  const pole = [
    [-180, -80],
    [0, -70],
    [179, -80],
    [-180, -80],
  ];
  expect(unwrapped(pole)).toBe(pole);
  const { outline, findPlace } = await loadWorld();
  const wide = outline
    .split("M")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const points = part
        .slice(0, -1)
        .split("L")
        .map((point) => point.split(" ").map(Number));
      return points.filter(([x = 0, y = 0], at) => at > 0 && y < 230 && Math.abs(x - points[at - 1]![0]!) > 100);
    });
  expect(wide).toEqual([]);
  const [east, north] = findPlace("RUS")!;
  expect([east > 80 && east < 110, north > 55 && north < 70]).toEqual([true, true]);
});

test("markers have the size and colour of their fields, and the legend has the thresholds", () => {
  const steps = [
    { value: -Infinity, color: "green" },
    { value: 80, color: "red" },
  ];
  const load = number("load", [0, 50, 100], { thresholds: { mode: "absolute", steps } });
  const cities = frame(number("lat", [0, 1, 2]), number("lon", [0, 1, 2]), load, text("city", ["a", "b", "c"]));
  const { layers, remarks } = planLayers(
    [
      {
        type: "markers",
        config: {
          style: {
            size: { field: "load", min: 4, max: 24 },
            color: { field: "load" },
            symbol: { fixed: "img/icons/marker/triangle.svg" },
            text: { field: "city" },
          },
        },
      },
      { type: "geojson", name: "Shapes" },
      { type: "markers", filterData: { id: "byRefId", options: "B" } },
    ],
    [cities],
    context,
    noPlace,
  );
  expect(layers[0]!.markers.map(({ radius, color, label }) => [radius, color, label])).toEqual([
    [4, "of 0", "a"],
    [14, "of 50", "b"],
    [24, "of 100", "c"],
  ]);
  expect([layers[0]!.symbol, layers[1]!.markers]).toEqual(["triangle", []]);
  expect(layers[0]!.legend).toEqual([
    { name: "load", color: "css green" },
    { name: "80+", color: "css red" },
  ]);
  expect(remarks).toEqual(["The layer “Shapes” of the type “geojson” is not shown."]);
});

test("a map has at most MAX_POINTS points, and counts the others and the rows without a place", () => {
  const count = MAX_POINTS + 8;
  const zeros = Array.from({ length: count }, (_, at) => (at === 0 ? 100 : 0));
  const { layers, remarks } = planLayers([], [frame(number("lat", zeros), number("lon", zeros))], context, noPlace);
  expect(layers[0]!.markers).toHaveLength(MAX_POINTS);
  expect(remarks).toEqual([
    "Rows without a place on the map: 1.",
    "7 points are not shown. The map shows at most 5000 points.",
  ]);
});

test("a map has at most MAX_LAYERS layers, and each layer finds the place of a row once", () => {
  let found = 0;
  const findPlace = () => {
    found++;
    return [0, 0] as const;
  };
  const rows = MAX_POINTS + 1;
  const countries = frame(
    text(
      "country",
      Array.from({ length: rows }, () => "DE"),
    ),
  );
  const given = Array.from({ length: 1000 }, () => ({ type: "markers" }));
  const { layers, remarks } = planLayers(given, [countries], context, findPlace);
  expect([layers.length, found]).toEqual([MAX_LAYERS, MAX_LAYERS * rows]);
  expect(remarks).toEqual([
    `Layers that are not shown: ${1000 - MAX_LAYERS}. The map shows at most ${MAX_LAYERS} layers.`,
    `${(MAX_LAYERS - 1) * MAX_POINTS + MAX_LAYERS} points are not shown. The map shows at most 5000 points.`,
  ]);
});

test("the first view shows the coordinates, a named part of the world, or all points", () => {
  const settings = {
    view: "coords",
    latitude: 0,
    longitude: 90,
    zoom: 3,
    maxZoom: undefined,
    padding: 0,
    isLastOnly: false,
  };
  const size = { width: 200, height: 100 };
  expect(firstView(settings, [], size)).toMatchObject({ x: 192, scale: 8 });
  expect(firstView({ ...settings, view: "europe", zoom: undefined }, [], size).scale).toBe(16);
  const points = [projected(-90, 0), projected(90, 0)];
  expect(firstView({ ...settings, view: "fit" }, points, size)).toMatchObject({ x: 128, scale: 200 / 128 });
  expect(firstView({ ...settings, view: "fit", isLastOnly: true }, points, size)).toMatchObject({
    x: 192,
    scale: 1024,
  });
  expect(keptOnMap({ x: -5, y: 300, scale: 1 })).toEqual({ x: 0, y: 256, scale: 1 });
});

test("the scale is a round distance that fits", () => {
  expect(scaleBar(1, 128, 100)).toMatchObject({ text: "10000 km" });
  expect(scaleBar(2 ** 17, 128, 100)).toMatchObject({ text: "100 m" });
});

test("at noon in Greenwich at the equinox the night is at the date line", () => {
  const path = nightPath(Date.UTC(2026, 2, 20, 12));
  expect(path.startsWith("M0 ")).toBe(true);
  // In the northern summer the South Pole is in the night, in the winter the North Pole.
  expect(nightPath(Date.UTC(2026, 5, 21, 12)).startsWith("M0 256")).toBe(true);
  expect(nightPath(Date.UTC(2026, 11, 21, 12)).startsWith("M0 0")).toBe(true);
});

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

const drawn = (frames: readonly Frame[], options: object = {}) =>
  page.draw(hostedPanel({ ...geomap, Panel: (props) => <GeomapPanel {...props} frames={frames} /> }, options));

test("a map shows markers on the built-in map, and Enter keeps the values and links of a marker open", async () => {
  const links = [{ title: "City", url: "/d/city?var-city=${__value.raw}", targetBlank: false, oneClick: false }];
  const cities = frame(
    text("city", ["<b>Berlin</b>", "Paris"], { links }),
    number("lat", [52.5, 48.9]),
    number("lon", [13.4, 2.4]),
  );
  await drawn([cities], { basemap: { type: "osm-standard" }, layers: [{ type: "markers" }, { type: "dayNight" }] });
  await page.until(() => expect(page.all("[data-marker]")).toHaveLength(2));
  expect(page.all("image, img, iframe")).toEqual([]);
  expect(page.find('[role="status"]', /another host/).textContent).toContain("osm-standard");
  const [marker] = page.all("[data-marker]");
  expect(marker!.getAttribute("aria-label")).toContain("<b>Berlin</b>");
  await page.press("Enter", marker);
  const card = page.find('[role="region"]', "Values of the marker");
  expect(card.querySelector("dd")!.textContent).toBe("<b>Berlin</b>");
  expect(card.querySelector("a")!.getAttribute("href")).toBe("/d/city?var-city=%3Cb%3EBerlin%3C/b%3E");
  await page.click(page.find("button", "Close values"));
  expect(page.all('[role="region"]')).toEqual([]);
});

test("the keyboard moves and zooms the map, and the controls can be hidden", async () => {
  await drawn([], { controls: { showZoom: false, showScale: true, showAttribution: false } });
  await page.until(() => expect(page.all('[role="application"]')).toHaveLength(1));
  const [area] = page.all('[role="application"]');
  const transform = () => area!.querySelector("g")!.getAttribute("transform");
  const before = transform();
  await page.press("+", area);
  expect(transform()).not.toBe(before);
  await page.press("0", area);
  expect(transform()).toBe(before);
  expect(page.all("button").map((button) => button.getAttribute("aria-label"))).toEqual([]);
  expect(document.body.textContent).toContain(" km");
  expect(document.body.textContent).not.toContain("Natural Earth");
});
