import { type Field, type Frame, isObject, valueAt } from "@narthex/dashboards";
import { plainText } from "../values/plain-text.ts";
import { geohashCentre } from "./mercator.ts";

/** Returns the centre of a country by its code or name, in degrees. */
export type FindPlace = (name: string) => readonly [longitude: number, latitude: number] | undefined;

/** Returns the place of a row, in degrees. */
type Locate = (row: number) => readonly [longitude: number, latitude: number] | undefined;

const LATITUDES = ["latitude", "lat"];
const LONGITUDES = ["longitude", "lon", "lng", "long"];
const GEOHASHES = ["geohash"];
const LOOKUPS = ["lookup", "country", "country_code", "countrycode", "iso", "code"];

const fieldNamed = (frame: Frame, name: unknown, usual: readonly string[]): Field | undefined =>
  typeof name === "string" && name !== ""
    ? frame.fields.find((field) => field.name === name || field.config.displayName === name)
    : frame.fields.find((field) => usual.includes(field.name.toLowerCase()));

/**
 * Returns the function that returns the place of a row, or undefined for rows without a place. A text says which fields
 * are missing.
 */
export function locatorOf(frame: Frame, location: unknown, findPlace: FindPlace): Locate | string {
  const settings = isObject(location) ? location : {};
  const mode = settings["mode"];
  if (mode === "coords")
    return byCoordinates(frame, settings) ?? "The fields of latitude and longitude are not in the data.";
  if (mode === "geohash") return byGeohash(frame, settings) ?? "The field of the geohash is not in the data.";
  if (mode === "lookup")
    return byLookup(frame, settings, findPlace) ?? "The field of the country or place is not in the data.";
  return (
    byGeohash(frame, {}) ??
    byCoordinates(frame, {}) ??
    byLookup(frame, {}, findPlace) ??
    "No field contains a place. Places are read from latitude and longitude, geohash, or country."
  );
}

type Settings = Readonly<Record<string, unknown>>;

function byCoordinates(frame: Frame, settings: Settings): Locate | undefined {
  const latitude = fieldNamed(frame, settings["latitude"], LATITUDES);
  const longitude = fieldNamed(frame, settings["longitude"], LONGITUDES);
  if (latitude === undefined || longitude === undefined) return undefined;
  return (row) => {
    const [east, north] = [numberAt(longitude, row), numberAt(latitude, row)];
    return Math.abs(east) <= 180 && Math.abs(north) <= 90 ? [east, north] : undefined;
  };
}

function byGeohash(frame: Frame, settings: Settings): Locate | undefined {
  const field = fieldNamed(frame, settings["geohash"], GEOHASHES);
  return field === undefined ? undefined : (row) => geohashCentre(plainText(valueAt(field, row)));
}

function byLookup(frame: Frame, settings: Settings, findPlace: FindPlace): Locate | undefined {
  const field = fieldNamed(frame, settings["lookup"], LOOKUPS);
  return field === undefined ? undefined : (row) => findPlace(plainText(valueAt(field, row)));
}

function numberAt(field: Field, row: number): number {
  const value = valueAt(field, row);
  return value === null || value === "" ? Number.NaN : Number(value);
}
