interface PlotMessageProps {
  readonly text: string;
  /** Size of the message, CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** Message in place of a plot that cannot be drawn. */
export const PlotMessage = ({ text, width, height }: PlotMessageProps) => (
  <p style={{ width, height, margin: 0, display: "grid", placeContent: "center", color: "var(--quiet)" }}>{text}</p>
);
