import { isNumeric, valueAt } from "@narthex/dashboards";
import { addressOf } from "../../../shell/link-anchor.ts";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { plainText } from "../values/plain-text.ts";
import type { Marker } from "./map-layers.ts";
import styles from "./MarkerCard.module.css";

const css = classesOf(styles);

const MAX_FIELDS = 30;
const MAX_CHARS = 500;

interface MarkerCardProps {
  readonly marker: Marker;
  readonly context: PanelContext;
  /** Whether the card stays open and shows links. */
  readonly isKept: boolean;
  readonly onClose: () => void;
}

/** The values of a marker's row. */
export function MarkerCard({ marker, context, isKept, onClose }: MarkerCardProps) {
  const { frame, row } = marker;
  const links = isKept ? frame.fields.flatMap((field) => context.linksOf({ frame, field, row })) : [];
  return (
    <div role={isKept ? "region" : "status"} aria-label="Values of the marker" className={css("card")}>
      <dl className={css("values")}>
        {rowValues(marker, context).map(([name, text], at) => (
          <div key={at} className={css("value")}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {links.map((link, at) => (
        <a key={at} className={css("link")} {...addressOf(link)}>
          {link.title}
        </a>
      ))}
      {isKept && (
        <button type="button" className={css("close")} aria-label="Close values" onClick={onClose}>
          ×
        </button>
      )}
    </div>
  );
}

/** Returns the names and texts of the values in a marker's row. */
export const rowValues = ({ frame, row }: Marker, { viewOf }: PanelContext): readonly (readonly [string, string])[] =>
  frame.fields.slice(0, MAX_FIELDS).map((field) => {
    const view = viewOf(field, frame);
    const value = valueAt(field, row);
    const text = isNumeric(field) ? view.text(value as number | null) : plainText(value);
    return [view.name, text.slice(0, MAX_CHARS)];
  });
