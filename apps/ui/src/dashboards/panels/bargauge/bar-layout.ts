import { fittingSize, measureText, type TextMeasure } from "../../plot/fitting-text.ts";
import { fittingValueSize, partsWidth, type ValueParts, VALUE_WEIGHT } from "../values/value-size.ts";

/**
 * The widest title and the widest value text of all bars. All bars use the layout for these texts, so that the bars are
 * aligned.
 */
export interface BarTexts {
  /** Title of a bar; empty for no title. */
  readonly title: string;
  /** Parts of the formatted value. The texts are empty if the bar shows no value. */
  readonly value: ValueParts;
}

export interface BarSettings {
  readonly isVertical: boolean;
  readonly namePlacement: "auto" | "top" | "left" | "hidden";
  readonly titleSize: number | undefined;
  readonly valueSize: number | undefined;
}

export interface BarLayout {
  readonly titlePlacement: "above" | "left" | "below" | "none";
  readonly titleSize: number;
  /** Width of a title to the left of the bar, pixels. */
  readonly titleWidth: number;
  readonly titleHeight: number;
  readonly valueSize: number;
  readonly valueWidth: number;
  readonly valueHeight: number;
  readonly barWidth: number;
  readonly barHeight: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const TITLE_LINE = 1.4;
const MAX_TITLE = 20;
const MAX_VALUE = 40;
/** In boxes lower than this (pixels), the name is to the left of the bar. */
const LOW = 40;
const GAP = 8;

/** Maximum share of a box's size for the title, and for the value. */
const TITLE_SHARE = 0.35;
const VALUE_SHARE = 0.28;

type TitlePart = Pick<BarLayout, "titlePlacement" | "titleSize" | "titleWidth" | "titleHeight">;

function titlePart(box: Size, title: string, settings: BarSettings, measure: TextMeasure): TitlePart {
  const { isVertical, namePlacement } = settings;
  if (title === "" || namePlacement === "hidden") {
    return { titlePlacement: "none", titleSize: 0, titleWidth: 0, titleHeight: 0 };
  }
  if (isVertical) {
    const titleSize =
      settings.titleSize ??
      fittingSize(title, { width: box.width, height: 24, lineHeight: TITLE_LINE, max: 14 }, measure);
    return { titlePlacement: "below", titleSize, titleWidth: box.width, titleHeight: titleSize * TITLE_LINE };
  }
  const isLeft = namePlacement === "left" || (namePlacement === "auto" && box.height <= LOW);
  if (isLeft) {
    const room = { width: box.width * TITLE_SHARE - GAP, height: box.height * 0.8, lineHeight: 1.2, max: MAX_TITLE };
    const titleSize = settings.titleSize ?? Math.max(10, fittingSize(title, room, measure));
    const titleWidth = Math.min(box.width * TITLE_SHARE, measure(title, titleSize, 400) + GAP);
    return { titlePlacement: "left", titleSize, titleWidth, titleHeight: 0 };
  }
  const room = {
    width: box.width,
    height: Math.max(14, box.height * TITLE_SHARE),
    lineHeight: TITLE_LINE,
    max: MAX_TITLE,
  };
  const titleSize = settings.titleSize ?? Math.max(10, fittingSize(title, room, measure));
  return { titlePlacement: "above", titleSize, titleWidth: box.width, titleHeight: titleSize * TITLE_LINE };
}

/** Computes the sizes of title, value and bar within a box. */
export function layoutBar(
  box: Size,
  { title, value }: BarTexts,
  settings: BarSettings,
  measure: TextMeasure = measureText,
): BarLayout {
  const part = titlePart(box, title, settings, measure);
  const isEmpty = value.prefix + value.text + value.suffix === "";
  const high = Math.max(1, box.height - part.titleHeight);
  if (settings.isVertical) {
    const room = { width: box.width, height: Math.min(MAX_VALUE, Math.max(16, high * 0.15)), lineHeight: 1.2 };
    const valueSize = isEmpty ? 0 : (settings.valueSize ?? fittingValueSize(value, room, measure));
    const valueHeight = valueSize * 1.2;
    return {
      ...part,
      valueSize,
      valueWidth: box.width,
      valueHeight,
      barWidth: box.width,
      barHeight: Math.max(1, high - valueHeight),
    };
  }
  const left = part.titlePlacement === "left" ? part.titleWidth : 0;
  const widest = Math.max(50, box.width * VALUE_SHARE) - GAP;
  const room = { width: widest, height: high, lineHeight: 1.2, max: MAX_VALUE };
  const valueSize = isEmpty ? 0 : (settings.valueSize ?? fittingValueSize(value, room, measure));
  const valueWidth = isEmpty ? 0 : partsWidth(value, valueSize, VALUE_WEIGHT, measure) + GAP + 2;
  const barWidth = Math.max(1, box.width - left - valueWidth);
  return { ...part, valueSize, valueWidth, valueHeight: high, barWidth, barHeight: high };
}

/** Approximate length of a cell of a bar with its gap, pixels. */
const CELL = 12;

export const cellCount = (length: number): number => Math.max(1, Math.min(500, Math.floor(length / CELL)));
