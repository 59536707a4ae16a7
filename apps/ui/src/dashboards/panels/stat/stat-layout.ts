import { fittingSize, measureText, type TextMeasure } from "../../plot/fitting-text.ts";
import { fittingValueSize, type ValueParts } from "../values/value-size.ts";

/** The widest texts of all boxes. All boxes use the font size at which these texts fit. */
export interface StatContents {
  /** Title of a box; empty for no title. */
  readonly title: string;
  readonly value: ValueParts;
  readonly hasChange: boolean;
  readonly hasChart: boolean;
}

export interface StatSettings {
  readonly isWide: boolean;
  readonly titleSize: number | undefined;
  readonly valueSize: number | undefined;
}

export interface StatLayout {
  readonly padding: number;
  readonly isWide: boolean;
  readonly titleSize: number;
  readonly valueSize: number;
  readonly changeSize: number;
  /** Height of the sparkline; 0 without a sparkline. */
  readonly chartHeight: number;
}

const LINE = 1.2;
const MAX_TITLE = 30;
/** If a box is wider than this multiple of its height, name and value are side by side. */
const WIDE = 2.5;
/** Minimum share of a box's height for the sparkline, and maximum share for the title. */
const CHART_SHARE = 0.25;
const TITLE_SHARE = 0.15;
/** Font size of the change as a share of the value's font size. */
const CHANGE_SCALE = 0.4;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Computes the largest font sizes with which the texts fit into a box. */
export function layoutStat(
  box: Size,
  contents: StatContents,
  settings: StatSettings,
  measure: TextMeasure = measureText,
): StatLayout {
  const padding = box.height > 100 ? 12 : Math.max(2, Math.min(8, box.height * 0.12));
  const room = { width: box.width - 2 * padding, height: box.height - 2 * padding };
  const isWide = settings.isWide && box.width / box.height > WIDE;
  const hasChart = contents.hasChart && box.height > (isWide ? 50 : 100);
  const layout = isWide ? layoutWide : layoutStacked;
  return {
    padding,
    isWide: isWide && contents.title !== "",
    ...layout(box, room, contents, settings, hasChart, measure),
  };
}

type Sizes = Omit<StatLayout, "padding" | "isWide">;

function layoutWide(
  box: Size,
  room: Size,
  { title, value, hasChange }: StatContents,
  settings: StatSettings,
  hasChart: boolean,
  measure: TextMeasure,
): Sizes {
  const height = hasChart ? room.height * 0.5 : room.height;
  const valueHeight = hasChange ? height / (1 + CHANGE_SCALE) : height;
  const width = title === "" ? room.width : room.width * 0.4;
  const valueSize =
    settings.valueSize ?? fittingValueSize(value, { width, height: valueHeight, lineHeight: LINE }, measure);
  const titleRoom = { width: room.width * 0.55, height, lineHeight: LINE, max: MAX_TITLE };
  const titleSize = title === "" ? 0 : (settings.titleSize ?? fittingSize(title, titleRoom, measure));
  return {
    titleSize,
    valueSize,
    changeSize: changeSizeOf(valueSize, hasChange),
    chartHeight: hasChart ? box.height * 0.5 : 0,
  };
}

function layoutStacked(
  box: Size,
  room: Size,
  { title, value, hasChange }: StatContents,
  settings: StatSettings,
  hasChart: boolean,
  measure: TextMeasure,
): Sizes {
  const titleRoom = { ...room, height: Math.max(box.height * TITLE_SHARE, 14), lineHeight: LINE, max: MAX_TITLE };
  const most = title === "" ? 0 : (settings.titleSize ?? fittingSize(title, titleRoom, measure));
  const chart = hasChart ? box.height * CHART_SHARE : 0;
  const left = Math.max(0, room.height - chart - most * LINE);
  const height = hasChange ? left / (1 + CHANGE_SCALE) : left;
  const valueSize = settings.valueSize ?? fittingValueSize(value, { ...room, height, lineHeight: LINE }, measure);
  const titleSize = settings.titleSize ?? Math.min(most, Math.max(valueSize * 0.7, 10));
  const changeSize = changeSizeOf(valueSize, hasChange);
  const text = (titleSize + valueSize + changeSize) * LINE;
  // Height of the sparkline, which fills the space below the texts.
  const chartHeight = hasChart ? Math.max(chart, box.height - text - (box.height - room.height) / 2) : 0;
  return { titleSize, valueSize, changeSize, chartHeight };
}

const changeSizeOf = (valueSize: number, hasChange: boolean): number =>
  hasChange ? Math.max(valueSize * CHANGE_SCALE, 9) : 0;
