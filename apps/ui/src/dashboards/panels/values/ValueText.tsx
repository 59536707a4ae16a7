import { classesOf } from "../../../shell/style-sheet.ts";
import { legibleOn } from "../../plot/readable-text.ts";
import { UNIT_SCALE, type ValueParts } from "./value-size.ts";
import styles from "./ValueText.module.css";

const css = classesOf(styles);

interface ValueTextProps {
  readonly parts: ValueParts;
  /** Font size, CSS pixels. */
  readonly size: number;
  /** Colour of the value. Default: the colour of the surrounding text. */
  readonly color?: string;
  /** CSS background colour of the panel. */
  readonly surface: string;
}

/** A value on one line, with its unit in a smaller font. */
export function ValueText({ parts, size, color, surface }: ValueTextProps) {
  const small = { fontSize: `${UNIT_SCALE}em` };
  const smallest = parts.prefix === "" && parts.suffix === "" ? size : size * UNIT_SCALE;
  return (
    <span
      className={css("value")}
      style={{ fontSize: size, ...(color === undefined ? {} : { color: legibleOn(color, surface, smallest) }) }}
    >
      {parts.prefix !== "" && <span style={small}>{parts.prefix}</span>}
      {parts.text}
      {parts.suffix !== "" && <span style={small}>{parts.suffix}</span>}
    </span>
  );
}
