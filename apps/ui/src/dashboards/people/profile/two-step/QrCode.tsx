import { encode } from "uqr";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./QrCode.module.css";

const css = classesOf(styles);

/** Width of the empty border that scanners need, in modules (squares of the code). */
const BORDER = 4;

/** A text as a QR code. */
export default function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: "M", border: BORDER });
  return (
    <svg
      className={css("code")}
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
    >
      <path fill="currentColor" d={pathOf(data)} />
    </svg>
  );
}

/** Returns the SVG path of the dark modules (squares of the code). Neighbours in a row are drawn as one rectangle. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  let path = "";
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x++) {
      const start = x;
      while (row[x] === true) x++;
      if (x > start) path += `M${start} ${y}h${x - start}v1H${start}z`;
    }
  }
  return path;
}
