import {
  applyFieldConfig,
  type Field,
  fieldColor,
  fieldDisplay,
  FieldNames,
  type Frame,
  interpolate,
  isObject,
  joinFormatted,
  type Lookup,
  type Panel,
  reduceTo,
  type ResolvedTimeRange,
  transformFrames,
  valueAtPath,
  withUsualFields,
} from "@narthex/dashboards";
import type { NamedValue, Picture, PictureSeries } from "@narthex/pictures";

/** A panel with the answers to its queries. */
export interface AnsweredPanel {
  readonly panel: Panel;
  readonly lookup: Lookup;
  readonly range: ResolvedTimeRange;
  readonly zone: string;
  readonly theme: "light" | "dark";
  readonly frames: readonly Frame[];
  /** Error of a query; empty for none. */
  readonly error: string;
}

/** Maximum number of series, of large values, of table rows and of lines of a panel. */
const [MAX_SERIES, MAX_VALUES, MAX_ROWS, MAX_LINES] = [100, 40, 200, 200];
/** Maximum number of characters of a panel's text and of a line. */
const [MAX_TEXT, MAX_LINE] = [20_000, 500];

/** Range of a gauge without settings. */
const GAUGE_RANGE = { min: 0, max: 100 };

type Contents = (answered: AnsweredPanel, frames: readonly Frame[]) => Picture;

/** Draws each kind of panel. Other kinds get a box with a message. */
const CONTENTS: ReadonlyMap<string, Contents> = new Map<string, Contents>([
  ["timeseries", seriesPicture],
  ["stat", valuesPicture("stat")],
  ["gauge", valuesPicture("bars")],
  ["bargauge", valuesPicture("bars")],
  ["table", tablePicture],
  ["logs", logsPicture],
  ["text", (answered) => ({ kind: "text", title: titleOf(answered), text: textOfPanel(answered) })],
]);

/** Returns the picture of a panel. */
export function panelContents(answered: AnsweredPanel): Picture {
  const { panel, error } = answered;
  const title = titleOf(answered);
  const contents = CONTENTS.get(panel.type);
  if (contents === undefined)
    return {
      kind: "text",
      title,
      text: `Panels of the kind ${panel.type.slice(0, 100)} are only drawn with a browser.`,
    };
  if (panel.libraryPanel !== undefined)
    return { kind: "text", title, text: "Library panels are only drawn with a browser." };
  if (error !== "") return { kind: "text", title, text: error.slice(0, MAX_LINE) };
  return contents(answered, panel.type === "text" ? [] : shownFrames(answered));
}

const titleOf = ({ panel, lookup }: AnsweredPanel): string => interpolate(panel.title, lookup, "text");

/** Applies the transformations and field settings of a panel. */
function shownFrames({ panel, frames, lookup, zone }: AnsweredPanel): readonly Frame[] {
  const filled = (text: string): string => interpolate(text, lookup);
  const transformed = transformFrames(frames, panel.transformations, { interpolate: filled, timeZone: zone });
  return applyFieldConfig(transformed, withUsualFields(panel), filled);
}

interface NamedField {
  readonly name: string;
  readonly field: Field;
  readonly frame: Frame;
}

/** Returns the fields with numbers, with the names that legends show. */
function numberFields(frames: readonly Frame[]): readonly NamedField[] {
  const names = new FieldNames(frames);
  return frames.flatMap((frame) =>
    frame.fields
      .filter(({ type }) => type === "number")
      .map((field) => ({ name: names.nameOf(field, frame), field, frame })),
  );
}

function seriesPicture(answered: AnsweredPanel, frames: readonly Frame[]): Picture {
  const { range, zone, theme } = answered;
  const title = titleOf(answered);
  const fields = numberFields(frames);
  const series = fields.slice(0, MAX_SERIES).flatMap(({ name, field, frame }, seriesIndex): PictureSeries[] => {
    const time = frame.fields.find(({ type }) => type === "time");
    if (time?.type !== "time" || field.type !== "number") return [];
    const { nulls, values } = field;
    const shown = nulls === undefined ? values : values.map((value, i) => (nulls[i] === 1 ? NaN : value));
    return [{ name, times: time.values, values: shown, color: fieldColor(field, { theme, seriesIndex }) }];
  });
  const { unit, decimals, min, max } = fields[0]?.field.config ?? {};
  return {
    kind: "timeseries",
    title,
    series,
    from: range.from,
    to: range.to,
    zone,
    unit,
    decimals: typeof decimals === "number" ? decimals : undefined,
    min: typeof min === "number" ? min : undefined,
    max: typeof max === "number" ? max : undefined,
    hasLegend: true,
    ...(series.length === 0 && { message: "No data" }),
  };
}

/** Returns the function that draws one value for each field. */
function valuesPicture(kind: "stat" | "bars"): Contents {
  return (answered, frames) => {
    const { panel, theme, zone } = answered;
    const calcs = valueAtPath(panel.options, ["reduceOptions", "calcs"]);
    const calc = Array.isArray(calcs) && typeof calcs[0] === "string" ? calcs[0] : "lastNotNull";
    const fields = numberFields(frames).slice(0, MAX_VALUES);
    const values = fields.map(({ name, field }, seriesIndex): NamedValue => {
      const reduced = reduceTo(field, calc);
      const display = fieldDisplay(field, { theme, timeZone: zone, seriesIndex })(reduced);
      const value = display.numeric;
      return { name: fields.length > 1 ? name : "", value, text: joinFormatted(display), color: display.color };
    });
    const { min, max } = { ...(panel.type === "gauge" && GAUGE_RANGE), ...fields[0]?.field.config };
    return {
      kind,
      title: titleOf(answered),
      values,
      ...(kind === "bars" && typeof min === "number" && { min }),
      ...(kind === "bars" && typeof max === "number" && { max }),
      ...(values.length === 0 && { message: "No data" }),
    };
  };
}

function tablePicture(answered: AnsweredPanel, frames: readonly Frame[]): Picture {
  const { theme, zone } = answered;
  const [frame] = frames;
  const title = titleOf(answered);
  if (frame === undefined) return { kind: "table", title, columns: [], rows: [], message: "No data" };
  const names = new FieldNames([frame]);
  const fields = frame.fields.filter(({ type, config }) => type !== "frame" && !isHidden(config));
  const displays = fields.map((field) => fieldDisplay(field, { theme, timeZone: zone }));
  const rows = Array.from({ length: Math.min(frame.length, MAX_ROWS) }, (_, row) =>
    fields.map((field, column) => joinFormatted(displays[column]!(valueAt(field, row))).slice(0, MAX_LINE)),
  );
  const columns = fields.map((field) => ({ name: names.nameOf(field, frame), isNumber: field.type === "number" }));
  return { kind: "table", title, columns, rows, ...(rows.length === 0 && { message: "No data" }) };
}

/** Reports whether the settings of a field hide its column. */
const isHidden = (config: Field["config"]): boolean => {
  const custom: unknown = config.custom;
  return isObject(custom) && custom["hidden"] === true;
};

const valueAt = (field: Field, row: number): unknown =>
  "nulls" in field && field.nulls?.[row] === 1 ? null : field.values[row];

/** Shows the lines of logs with their times. */
function logsPicture(answered: AnsweredPanel, frames: readonly Frame[]): Picture {
  const { zone, theme } = answered;
  const lines: string[] = [];
  for (const { fields, length } of frames) {
    const time = fields.find(({ type }) => type === "time");
    const line = fields.find((field) => field.type === "string");
    if (line === undefined) continue;
    const show = time === undefined ? () => "" : (row: number) => timeText(time, row, zone, theme);
    for (let row = 0; row < length && lines.length < MAX_LINES; row++)
      lines.push(`${show(row)}  ${(line.values[row] ?? "").slice(0, MAX_LINE)}`);
  }
  return { kind: "text", title: titleOf(answered), text: lines.length === 0 ? "No data" : lines.join("\n") };
}

const timeText = (time: Field, row: number, timeZone: string, theme: "light" | "dark"): string =>
  joinFormatted(fieldDisplay(time, { theme, timeZone })(valueAt(time, row)));

/** Returns the text of a text panel. Tags of HTML are left out. */
function textOfPanel({ panel, lookup }: AnsweredPanel): string {
  const { content } = panel.options;
  const text = interpolate(typeof content === "string" ? content.slice(0, MAX_TEXT) : "", lookup, "text");
  return text.replaceAll(/<[^<>]*>/g, "");
}
