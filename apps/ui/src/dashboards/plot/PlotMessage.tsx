interface PlotMessageProps {
  readonly text: string;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** A message in place of a plot, which says why there is none. */
export const PlotMessage = ({ text, width, height }: PlotMessageProps) => (
  <p style={{ width, height, margin: 0, display: "grid", placeContent: "center", color: "var(--quiet)" }}>{text}</p>
);
