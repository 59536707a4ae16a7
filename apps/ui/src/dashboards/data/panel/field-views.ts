import {
  cssColor,
  dataLinksOf,
  type EarlierFrames,
  type Field,
  fieldColor,
  fieldDisplay,
  FieldNames,
  FieldRanges,
  type Frame,
  isNumeric,
  joinFormatted,
  type Lookup,
  type ResolvedDataLink,
  unitFormatter,
} from "@narthex/dashboards";
import { withOpacity } from "../../../plot/plot-theme.ts";
import type { LinkedValue } from "../../contracts/panel-kind.ts";
import type { FieldView } from "../../contracts/field-view.ts";

interface ViewSettings {
  readonly scheme: "light" | "dark";
  readonly zone: string;
  /** Current time, epoch ms. */
  readonly now: number;
  /** Looks up the variables in links, except for variables of the linked value itself. */
  readonly lookup: Lookup;
}

/** Opacity of series of the earlier time range in a comparison. */
const EARLIER_OPACITY = 0.6;

/**
 * Returns the display of a field of the earlier time range: as in the current range, but dimmed. The name states how
 * far back the range is.
 */
const earlierView = (view: FieldView, words: string): FieldView => ({
  ...view,
  name: `${view.name} (${words})`,
  color: withOpacity(view.color, EARLIER_OPACITY),
});

/**
 * Returns a function that computes how a field is displayed. The result for a field is computed at the first call and
 * cached.
 */
export function fieldViews(
  present: readonly Frame[],
  { scheme, zone, now, lookup }: ViewSettings,
  earlier?: EarlierFrames,
) {
  // The current frames come first: names and ranges are computed from them only, so that a comparison does not change
  // their display.
  const frames = earlier === undefined ? present : [...present, ...earlier.frames];
  const before = new Set(earlier?.frames);
  const names = new FieldNames(present);
  const ranges = new FieldRanges(present);
  const indexes = new Map<Field, number>();
  for (const { fields } of frames)
    for (const field of fields) if (field.type !== "time") indexes.set(field, indexes.size);
  const known = new Map<Field, FieldView>();
  const make = (field: Field, frame: Frame): FieldView => {
    const name = names.nameOf(field, frame);
    const context = {
      theme: scheme,
      seriesIndex: indexes.get(field),
      seriesName: name,
      range: ranges.rangeOf(field),
      timeZone: zone,
      now,
    };
    const display = fieldDisplay(field, context);
    const format = unitFormatter(field.config.unit);
    return {
      name,
      color: isNumeric(field) ? fieldColor(field, context) : display(null).color,
      range: context.range,
      display,
      text: (value, decimals) =>
        joinFormatted(decimals === undefined || value === null ? display(value) : format(value, decimals, context)),
      colorOf: (value) => display(value).color,
    };
  };
  const makeEarlier = (field: Field, frame: Frame): FieldView => {
    const now = earlier?.presentOf.get(field);
    return earlierView(now === undefined ? make(field, frame) : viewOf(now.field, now.frame), earlier?.words ?? "");
  };
  const viewOf = (field: Field, frame: Frame): FieldView => {
    let view = known.get(field);
    if (view === undefined)
      known.set(field, (view = before.has(frame) ? makeEarlier(field, frame) : make(field, frame)));
    return view;
  };
  return {
    viewOf,
    linksOf: (value: LinkedValue): readonly ResolvedDataLink[] =>
      dataLinksOf({ ...value, names, displayOf: (field) => viewOf(field, value.frame).display }, lookup),
    cssColor: (color: string): string => cssColor(color, scheme),
  };
}
