import {
  type DisplayValue,
  type Frame,
  joinFormatted,
  valueAt,
  type ResolvedDataLink,
  safeAddress,
} from "@narthex/dashboards";
import { addressOf } from "../../../shell/link-anchor.ts";
import { useMemo } from "react";
import type { CSSProperties, ReactNode } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { Sparkline } from "../../plot/Sparkline.tsx";
import { background, textOn } from "./cell-color.ts";
import styles from "./Cell.module.css";
import { lineOf } from "./sparkline.ts";
import type { TableColumn } from "./table-columns.ts";

const css = classesOf(styles);

/** Font size of a cell, CSS pixels. */
export const TEXT_PX = 13;

export interface CellProps {
  readonly column: TableColumn;
  readonly row: number;
  /** Width and height of the cell, including its padding, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly links: readonly ResolvedDataLink[];
  /**
   * Returns a colour in which text is legible on the table's background: the given colour, or a lighter or darker shade
   * of it.
   */
  readonly legible: (color: string) => string;
}

/**
 * Returns the background style of a coloured cell. The style is used for the whole row if the cell's settings say so.
 */
export function groundOf({ cell }: TableColumn, { color }: DisplayValue): CSSProperties | undefined {
  if (cell.kind !== "color-background") return undefined;
  const text = textOn(color);
  return {
    background: background(color, text, cell.mode === "gradient"),
    ...(text === undefined ? {} : { color: text }),
  };
}

export function Cell(props: CellProps) {
  const { column, row, links, legible } = props;
  const shown = column.displayAt(row);
  switch (column.cell.kind) {
    case "gauge":
      return column.field.type === "number" ? (
        <Gauge {...props} shown={shown} />
      ) : (
        <Linked links={links}>{joinFormatted(shown)}</Linked>
      );
    case "sparkline":
      return <LineCell {...props} shown={shown} />;
    case "json-view":
      return (
        <Linked links={links}>
          <span className={css("json")}>{joinFormatted(shown)}</span>
        </Linked>
      );
    case "image":
      return <Picture {...props} />;
    case "data-links":
      return (
        <>
          {links.map((link, index) => (
            <Anchor key={index} link={link}>
              {link.title}
            </Anchor>
          ))}
        </>
      );
    case "pill":
      return <Pills column={column} text={joinFormatted(shown)} />;
    case "color-text":
      return (
        <span style={{ color: legible(shown.color) }}>
          <Linked links={links}>{joinFormatted(shown)}</Linked>
        </span>
      );
    default:
      return <Linked links={links}>{joinFormatted(shown)}</Linked>;
  }
}

function Anchor({ link, children }: { link: ResolvedDataLink; children: ReactNode }) {
  return (
    <a className={css("link")} title={link.title} tabIndex={-1} {...addressOf(link)}>
      {children}
    </a>
  );
}

/** A value with its first data link. If there are more links, their number is shown. */
function Linked({ links, children }: { links: readonly ResolvedDataLink[]; children: ReactNode }) {
  const [first] = links;
  if (first === undefined) return children;
  return (
    <>
      <Anchor link={first}>{children}</Anchor>
      {links
        .filter((link) => link !== first)
        .map((link, index) => (
          <Anchor key={index} link={link}>
            <sup>{index + 2}</sup>
          </Anchor>
        ))}
    </>
  );
}

/** Width of a segment of an LCD gauge, CSS pixels. */
const LIGHT_PX = 9;

function Gauge({ column, width, height, links, legible, shown }: CellProps & { shown: DisplayValue }) {
  const { valueMode } = column.options;
  const share = Math.min(1, Math.max(0, shown.percent ?? 0));
  const textWidth = valueMode === "hidden" ? 0 : Math.min(90, width * 0.4);
  const barWidth = Math.max(10, width - 24 - textWidth);
  return (
    <span className={css("gauge")}>
      {column.cell.mode === "lcd" ? (
        <Lights column={column} width={barWidth} height={height - 12} share={share} />
      ) : (
        <span className={css("track")} style={{ width: barWidth, height: height - 12 }}>
          <span
            className={css("bar")}
            style={{
              width: `${share * 100}%`,
              background:
                column.cell.mode === "gradient"
                  ? `linear-gradient(90deg, color-mix(in srgb, ${shown.color} 35%, transparent), ${shown.color})`
                  : `color-mix(in srgb, ${shown.color} 45%, transparent)`,
              borderRight: `2px solid ${shown.color}`,
            }}
          />
        </span>
      )}
      {valueMode !== "hidden" && (
        <span
          className={css("amount")}
          style={valueMode === "color" ? { width: textWidth, color: legible(shown.color) } : { width: textWidth }}
        >
          <Linked links={links}>{joinFormatted(shown)}</Linked>
        </span>
      )}
    </span>
  );
}

/** An LCD gauge: a bar of segments. Each segment has the colour of the value at its position. */
function Lights({
  column,
  width,
  height,
  share,
}: {
  column: TableColumn;
  width: number;
  height: number;
  share: number;
}) {
  const count = Math.max(1, Math.floor(width / LIGHT_PX));
  const colorAt = column.colorOfShare;
  return (
    <span className={css("lights")} style={{ width, height }}>
      {Array.from({ length: count }, (_, index) => {
        const at = index / count;
        const isLit = at < share;
        return (
          <span key={index} className={css("light")} style={{ background: colorAt(at), opacity: isLit ? 1 : 0.18 }} />
        );
      })}
    </span>
  );
}

function LineCell({ column, row, width, height, shown, links }: CellProps & { shown: DisplayValue }) {
  const value = valueAt(column.field, row);
  const frame = typeof value === "object" && value !== null && "fields" in value ? (value as Frame) : undefined;
  const isValueHidden = column.options.isSparklineValueHidden;
  const text = joinFormatted(shown);
  const textWidth = isValueHidden ? 0 : Math.min(80, width * 0.4);
  const lineWidth = Math.max(0, Math.floor(width - 24 - textWidth));
  const line = useMemo(() => (frame === undefined ? undefined : lineOf(frame)), [frame]);
  if (frame === undefined) return <Linked links={links}>{text}</Linked>;
  return (
    <span className={css("gauge")}>
      {!isValueHidden && (
        <span className={css("amount")} style={{ width: textWidth }}>
          <Linked links={links}>{text}</Linked>
        </span>
      )}
      {line !== undefined && (
        <span role="img" aria-label={`Line, last ${text}`}>
          <Sparkline {...line} width={lineWidth} height={height - 10} line={shown.color} />
        </span>
      )}
    </span>
  );
}

function Picture({ column, row, height, links }: CellProps) {
  const value = valueAt(column.field, row);
  const address = typeof value === "string" ? imageAddress(value) : undefined;
  if (address === undefined) return <Linked links={links}>{joinFormatted(column.displayAt(row))}</Linked>;
  return (
    <Linked links={links}>
      <img className={css("image")} src={address} alt={column.name} loading="lazy" style={{ height: height - 8 }} />
    </Linked>
  );
}

/**
 * Returns a safe image URL. `data:` URLs are accepted only for image types that cannot run scripts in an image element.
 */
const imageAddress = (text: string): string | undefined =>
  /^data:image\/(png|jpeg|gif|webp|avif|svg\+xml)[;,]/i.test(text) ? text : safeAddress(text);

/** Maximum number of pills (values of a list) that are drawn in a cell. */
const MAX_PILLS = 30;

function Pills({ column, text }: { column: TableColumn; text: string }) {
  const parts = text.split(",", MAX_PILLS).map((part) => part.trim());
  return (
    <>
      {parts
        .filter((part) => part !== "")
        .map((part, index) => {
          const { color } = column.display(part);
          return (
            <span key={index} className={css("pill")} style={{ background: color, color: textOn(color) }}>
              {part}
            </span>
          );
        })}
    </>
  );
}
