import { classesOf } from "../../../shell/style-sheet.ts";
import { legibleOn } from "../../plot/readable-text.ts";
import { UNIT_SCALE, type ValueParts } from "./value-size.ts";
import styles from "./ValueText.module.css";

const css = classesOf(styles);

interface ValueTextProps {
  readonly parts: ValueParts;
  /** CSS pixels. */
  readonly size: number;
  /** Of the value, on the panel's own ground; absent: that of the text around it. */
  readonly color?: string;
  /** The panel's ground, CSS. */
  readonly surface: string;
}

/** A value in one line, with its unit smaller. */
export function ValueText({ parts, size, color, surface }: ValueTextProps) {
  const small = { fontSize: `${UNIT_SCALE}em` };
  return (
    <span
      className={css("value")}
      style={{ fontSize: size, ...(color === undefined ? {} : { color: legibleOn(color, surface, size) }) }}
    >
      {parts.prefix !== "" && <span style={small}>{parts.prefix}</span>}
      {parts.text}
      {parts.suffix !== "" && <span style={small}>{parts.suffix}</span>}
    </span>
  );
}
