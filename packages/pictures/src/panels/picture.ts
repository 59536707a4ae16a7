/** A series of a plot. Times are Unix ms in ascending order. Values of NaN are gaps. */
export interface PictureSeries {
  readonly name: string;
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  /** CSS colour. If absent, the palette of the user interface is used. */
  readonly color?: string | undefined;
}

/** A horizontal line at a value. */
export interface PictureThreshold {
  readonly value: number;
  readonly color?: string | undefined;
}

/** A vertical line at a time, or a coloured range of times if `end` is set. */
export interface PictureMark {
  readonly time: number;
  readonly end?: number | undefined;
  readonly text: string;
  readonly color?: string | undefined;
}

/** How values are written. */
interface Values {
  /** Unit of the values, as in dashboards: `bytes`, `percentunit` … */
  readonly unit?: string | undefined;
  readonly decimals?: number | undefined;
}

interface Titled {
  readonly title: string;
  /** Text in place of the picture, such as the reason for missing data. */
  readonly message?: string | undefined;
}

export interface TimeSeriesPicture extends Titled, Values {
  readonly kind: "timeseries";
  readonly series: readonly PictureSeries[];
  /** Ends of the time axis, Unix ms. */
  readonly from: number;
  readonly to: number;
  /** Time zone of the labels: an IANA name or `UTC`. */
  readonly zone: string;
  /** Distance between points, ms. Larger distances are drawn as gaps. If absent, only NaN is a gap. */
  readonly stepMs?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Opacity of the area below the lines, from 0 to 1. */
  readonly fill?: number | undefined;
  readonly thresholds?: readonly PictureThreshold[] | undefined;
  readonly marks?: readonly PictureMark[] | undefined;
  readonly hasLegend?: boolean | undefined;
}

/** A value with its text. */
export interface NamedValue {
  readonly name: string;
  readonly value: number;
  /** Text of the value. If absent, the value is formatted in the unit. */
  readonly text?: string | undefined;
  readonly color?: string | undefined;
}

/** Large numbers. */
export interface StatPicture extends Titled, Values {
  readonly kind: "stat";
  readonly values: readonly NamedValue[];
}

/** A horizontal bar for each value. */
export interface BarsPicture extends Titled, Values {
  readonly kind: "bars";
  readonly values: readonly NamedValue[];
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface TablePicture extends Titled {
  readonly kind: "table";
  readonly columns: readonly { readonly name: string; readonly isNumber?: boolean | undefined }[];
  readonly rows: readonly (readonly string[])[];
}

/** Lines of text, which are wrapped. */
export interface TextPicture extends Titled {
  readonly kind: "text";
  readonly text: string;
}

/** The contents of a picture. */
export type Picture = TimeSeriesPicture | StatPicture | BarsPicture | TablePicture | TextPicture;
