import type { NumericField } from "@narthex/dashboards";
import { useMemo } from "react";
import { sparkPath } from "./spark-path.ts";

interface SparklineProps {
  readonly field: NumericField;
  readonly times: NumericField;
  /** Size of the drawing, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly line: string;
  /** Colour of the area below the line; undefined if only the line is drawn. */
  readonly area?: string;
  readonly className?: string;
}

/** A line chart without axes. Hidden from screen readers, because the data is also shown elsewhere. */
export function Sparkline({ field, times, width, height, line, area, className }: SparklineProps) {
  const path = useMemo(() => sparkPath(field, times, { width, height }), [field, times, width, height]);
  if (path === undefined) return null;
  return (
    <svg className={className} width={width} height={height} aria-hidden="true" data-testid="sparkline">
      {area !== undefined && <path d={path.area} fill={area} />}
      <path d={path.line} fill="none" stroke={line} strokeWidth={1.5} strokeLinejoin="round" />
    </svg>
  );
}
