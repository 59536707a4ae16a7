import type { Field, Frame, Labels } from "../frame/frame.ts";

/** Name that data sources give to the value column of every series. The name does not distinguish series. */
const VALUE_NAME = "Value";

/** Formats labels as a selector, sorted by name: `{host="a", job="b"}`. Returns an empty text without labels. */
export function labelsText(labels: Labels): string {
  const names = Object.keys(labels).sort();
  return names.length === 0 ? "" : `{${names.map((name) => `${name}="${labels[name]}"`).join(", ")}}`;
}

/** Returns the name of a label if every labelled field has this label and no other. Otherwise returns undefined. */
function onlyLabelOf(frames: readonly Frame[]): string | undefined {
  let only: string | undefined;
  for (const { fields } of frames) {
    for (const { labels } of fields) {
      if (labels === undefined) continue;
      for (const name of Object.keys(labels)) {
        only ??= name;
        if (only !== name) return undefined;
      }
    }
  }
  return only;
}

/**
 * Computes the names of fields in frames that are shown together, as legends, overrides and transformations use them.
 * The time to compute all names is proportional to the number of fields and labels.
 */
export class FieldNames {
  private readonly onlyLabel: string | undefined;
  private readonly frameNamesDiffer: boolean;
  private readonly known = new Map<Frame, Map<Field, string>>();

  constructor(frames: readonly Frame[]) {
    this.onlyLabel = onlyLabelOf(frames);
    this.frameNamesDiffer = frames.some(({ name }) => name !== frames[0]!.name);
  }

  nameOf(field: Field, frame: Frame): string {
    let names = this.known.get(frame);
    if (names === undefined) this.known.set(frame, (names = this.namesOf(frame)));
    return names.get(field) ?? this.describe(field, frame) ?? field.name;
  }

  private namesOf(frame: Frame): Map<Field, string> {
    const count = new Map<string, number>();
    for (const { name } of frame.fields) count.set(name, (count.get(name) ?? 0) + 1);
    const seen = new Map<string, number>();
    const names = new Map<Field, string>();
    for (const field of frame.fields) {
      const ordinal = (seen.get(field.name) ?? 0) + 1;
      seen.set(field.name, ordinal);
      // The column's name, with a number if several columns have the same name.
      const bare = count.get(field.name) === 1 ? field.name : `${field.name} ${ordinal}`;
      names.set(field, this.describe(field, frame) ?? bare);
    }
    return names;
  }

  /** Returns the displayed name of a field. Returns undefined if the column's own name is displayed. */
  private describe(field: Field, frame: Frame): string | undefined {
    const { displayName, displayNameFromDS } = field.config;
    if (displayName !== undefined && displayName !== "") return displayName;
    if (displayNameFromDS !== undefined && displayNameFromDS !== "") return displayNameFromDS;
    if (field.type === "time" && field.labels === undefined) return field.name;
    const parts: string[] = [];
    const frameName = frame.name ?? "";
    const withFrame = this.frameNamesDiffer && frameName !== "";
    if (withFrame) parts.push(frameName);
    if (field.name !== "" && field.name !== VALUE_NAME) parts.push(field.name);
    const labels = this.labelsOf(field);
    if (labels !== "") parts.push(labels);
    if (!withFrame && labels === "" && field.name === VALUE_NAME && frameName !== "") parts.push(frameName);
    const name = parts.length > 0 ? parts.join(" ") : field.name === "" ? VALUE_NAME : field.name;
    return name === field.name ? undefined : name;
  }

  private labelsOf({ labels }: Field): string {
    if (labels === undefined) return "";
    if (this.onlyLabel === undefined) return labelsText(labels);
    return Object.hasOwn(labels, this.onlyLabel) ? labels[this.onlyLabel]! : "";
  }
}

/** Computes the names of fields in frames that are not shown together, such as frames inside table cells. */
export class SeparateFieldNames extends FieldNames {
  private readonly own = new Map<Frame, FieldNames>();

  constructor() {
    super([]);
  }

  override nameOf(field: Field, frame: Frame): string {
    let names = this.own.get(frame);
    if (names === undefined) this.own.set(frame, (names = new FieldNames([frame])));
    return names.nameOf(field, frame);
  }
}

/** Returns the name of a frame as a whole: the frame's own name, or the names of all its columns except times. */
export function frameName(frame: Frame, names: FieldNames = new FieldNames([frame])): string {
  if (frame.name !== undefined && frame.name !== "") return frame.name;
  if (frame.fields.length === 0) return frame.refId === undefined ? "" : `Series (${frame.refId})`;
  return frame.fields
    .filter(({ type }) => type !== "time")
    .map((field) => names.nameOf(field, frame))
    .join(", ");
}
